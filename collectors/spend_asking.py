"""Asking Cost Explorer: every request and every page is taken from the day's purse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.aws import Aws
from app.model.errors import AwsError
from app.model.ids import Place
from collectors.spend_purse import API, Purse

COLLECTOR = "spend"
REQUEST_USD = Decimal("0.01")

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """Cost Explorer as one account sees it at one moment."""

    aws: Aws
    purse: Purse
    place: Place
    now: datetime

    def ask(self, operation: str, params: Mapping[str, Any]) -> Answer:
        """One answer."""
        self.purse.take(self.place, self.now)
        before = self.aws.meter.tally(COLLECTOR, self.place)
        try:
            return self.aws.call(self.place, API, operation, params, collector=COLLECTOR)
        finally:
            # Free calls and metrics of the same round are far below the price of a request.
            spent = self.aws.meter.tally(COLLECTOR, self.place).since(before).usd
            self.purse.settle(round(spent / REQUEST_USD))

    def pages(
        self, operation: str, params: Mapping[str, Any], most: int, member: str = "NextPageToken"
    ) -> tuple[list[Answer], bool]:
        """Up to ``most`` pages, and whether there are more.

        Where a later page fails, those before it were paid for and are kept.
        """
        pages = [self.ask(operation, params)]
        while (following := pages[-1].get(member)) and len(pages) < most:
            try:
                pages.append(self.ask(operation, {**params, member: following}))
            except AwsError:
                break
        return pages, bool(pages[-1].get(member))
