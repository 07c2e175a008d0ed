"""The door to AWS: every call of every collector goes through :class:`Aws`.

It meters, limits, retries and tells errors apart; callers see an answer or an
:class:`~app.model.errors.AwsError`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from botocore import xform_name
from botocore.exceptions import UnknownServiceError

from app.aws.accounts import Account, Accounts
from app.aws.actions import home_region
from app.aws.asked import Asked
from app.aws.attempts import Attempts, Charge
from app.aws.circuit import Circuits
from app.aws.clock import Clock
from app.aws.credentials import Session
from app.aws.meter import Meter, Priority
from app.aws.metric_data import MetricData, MetricQuery
from app.aws.metric_request import MetricRequests
from app.aws.paging import MAX_PAGES, Pages, TokenBook
from app.aws.prices import units, units_answered
from app.aws.rate import Rates
from app.aws.retry import RetryPolicy
from app.config import AccountSettings
from app.model.ids import Place
from app.model.time import Window

Answer = dict[str, Any]
Params = Mapping[str, Any]


class Aws:
    """All configured accounts in all their Regions; thread-safe."""

    def __init__(
        self,
        accounts: Sequence[AccountSettings],
        *,
        meter: Meter,
        now: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        retry: RetryPolicy | None = None,
    ) -> None:
        clock = Clock(now, monotonic, sleep)
        self.meter = meter
        self._accounts = Accounts(accounts, on_assume=self._assume, now=now)
        self._rates = Rates(clock)
        self._attempts = Attempts(
            self._accounts, meter, self._rates, Circuits(clock), clock, retry or RetryPolicy()
        )
        self._metrics = MetricRequests(self._accounts)
        self._tokens = TokenBook(self._accounts.loader)
        self._now = now

    def places(self) -> tuple[Place, ...]:
        """Every Region of every account, in the order of the configuration."""
        return self._accounts.places()

    def account_names(self) -> Mapping[str, str]:
        """What each account is called, by id."""
        ids = dict.fromkeys(place.account for place in self.places())
        return {id_: self._accounts.get(id_).settings.name for id_ in ids}

    def rate(self, place: Place, api: str, operation: str) -> float:
        """Calls a second that are allowed at present."""
        return self._rates.rate(place.account, place.region, api, operation)

    def call(
        self,
        place: Place,
        api: str,
        operation: str,
        params: Params,
        *,
        collector: str,
        priority: Priority = Priority.NORMAL,
        about: str = "",
    ) -> Answer:
        """The answer to one call, without its ResponseMetadata.

        ``about`` names what is asked for, where permissions may differ from thing to thing.
        """
        asked = self._asked(place, api, operation, about)
        ahead = self.meter.units_ahead(api, operation, units(api, operation, params))
        charge = Charge(collector, priority, ahead)
        answer = self._attempts.ask(asked, charge, lambda: self._send(asked, params), self._who)
        billed = units_answered(api, operation, answer)
        if billed is not None:
            self.meter.corrected(asked, billed - charge.units, collector=collector)
        return answer

    def pages(
        self,
        place: Place,
        api: str,
        operation: str,
        params: Params,
        *,
        collector: str,
        priority: Priority = Priority.NORMAL,
        about: str = "",
        max_pages: int = MAX_PAGES,
    ) -> Pages:
        """All pages of a list, asked for one by one; read ``cut`` after the last."""

        def ask(with_token: Params) -> Answer:
            return self.call(
                place,
                api,
                operation,
                with_token,
                collector=collector,
                priority=priority,
                about=about,
            )

        asked = self._asked(place, api, operation, about)
        return Pages(ask, params, self._tokens.of(api, operation), asked, max_pages)

    def content(
        self,
        place: Place,
        bucket: str,
        key: str,
        *,
        collector: str,
        priority: Priority = Priority.NORMAL,
    ) -> bytes:
        """What an object of S3 holds; a transfer that breaks off is tried again."""
        asked = self._asked(place, "s3", "GetObject", bucket)

        def send() -> bytes:
            return bytes(self._send(asked, {"Bucket": bucket, "Key": key})["Body"].read())

        return self._attempts.ask(asked, Charge(collector, priority), send, self._who)

    def metric_data(
        self,
        place: Place,
        queries: Sequence[MetricQuery],
        window: Window,
        *,
        collector: str,
        priority: Priority = Priority.NORMAL,
    ) -> MetricData:
        """Points of at most 500 queries, oldest first, read without botocore's slow parser."""
        asked = self._asked(place, "cloudwatch", "GetMetricData")
        return self._metrics.fetch(
            queries,
            window,
            ask=lambda charge, send: self._attempts.ask(asked, charge, send, self._who),
            place=place,
            charge=Charge(collector, priority),
            now=self._now(),
        )

    def _asked(self, place: Place, api: str, operation: str, about: str = "") -> Asked:
        settings = self._accounts.get(place.account).settings
        return Asked(place, api, operation, settings.name, settings.endpoint or "", about)

    def _send(self, asked: Asked, params: Params) -> Answer:
        client = self._accounts.client(asked.place, asked.api)
        method = getattr(client, xform_name(asked.operation), None)
        if method is None:
            raise UnknownServiceError(
                service_name=asked.operation, known_service_names=f"the operations of {asked.api}"
            )
        answer: Answer = method(**params)
        answer.pop("ResponseMetadata", None)
        return answer

    def _assume(self, account: Account, assume: Callable[[], Session]) -> Session:
        place = Place(account.settings.id, account.settings.regions[0])
        asked = self._asked(place, "sts", "AssumeRole")
        return self._attempts.ask(asked, Charge("credentials"), assume, self._who)

    def _who(self, asked: Asked) -> None:
        """Ask the home Region who we are: it works when only ``asked.place`` is off."""
        home = Place(asked.place.account, home_region(asked.place.region))
        self.call(home, "sts", "GetCallerIdentity", {}, collector="credentials")
