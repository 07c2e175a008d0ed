"""How many billed units of an API a month may have, in all places and processes together.

The month's units are counted where money is: what is stored of it when the process
starts, and each call before it is sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.aws.asked import Asked
from app.aws.prices import scanned_ahead
from app.model.errors import OverBudget


@dataclass(frozen=True, slots=True)
class UnitLimit:
    """At most ``units`` of what AWS bills (``unit``) in a month, by the setting that says so."""

    units: int
    unit: str
    setting: str


@dataclass(slots=True)
class UnitLimits:
    """Units of a month by API; the meter holds its lock around every call."""

    used: dict[str, int] = field(default_factory=dict)
    limits: dict[str, UnitLimit] = field(default_factory=dict)

    def add(self, api: str, units: int) -> None:
        self.used[api] = self.used.get(api, 0) + units

    def left(self, api: str) -> int | None:
        """How many more may be used; None where there is no limit."""
        limit = self.limits.get(api)
        return None if limit is None else max(0, limit.units - self.used.get(api, 0))

    def ahead(self, api: str, operation: str, units: int) -> int:
        """What a call is counted as until its answer tells how much it was."""
        left, most = self.left(api), scanned_ahead(api, operation)
        return units if left is None or most is None else max(1, min(left, most))

    def check(self, asked: Asked, units: int) -> None:
        """OverBudget if a call of so many units does not fit into what is left."""
        left = self.left(asked.api)
        if left is None or units <= left:
            return
        limit = self.limits[asked.api]
        raise OverBudget(
            f"The {limit.units:,} {limit.unit} of this month (UTC) are used up, in all accounts "
            f"and Regions together ({limit.setting}): {asked} was not sent. "
            "Reading goes on next month.",
            place=asked.place,
            action=asked.action,
        )
