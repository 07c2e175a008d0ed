"""All charges of all accounts, and how much of them the bill tells at a moment.

Amounts are whole numbers of 1e-10 US dollars, so that any grouping adds up to
the same total to the last digit. The bill lags: Cost Explorer is refreshed
three times a day, a day is whole two days later and not final before the month
is closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from app.demo.spend import machines, requests, shared
from app.demo.spend.charges import CREDIT, SUPPORT, Charge
from app.demo.spend.days import Calendar, Days, day_of
from app.demo.world.noise import Floats
from app.demo.world.platform import Deployment
from app.demo.world.world import World
from app.model.ids import Place

Amounts = npt.NDArray[np.int64]

ONE_USD = 10**10
HISTORY_MONTHS = 14
CLOSED_AFTER_DAYS = 7
"""The last correction of a month comes on the eighth of the next one."""

_REFRESH_S = 8 * 3600
_LAG_DAYS = 10 / 24
_AHEAD_DAYS = 400
_COUNTED_AT_ONCE = ("Hrs", "hours")


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """Every charge (rows) on every day (columns), in 1e-10 USD and in units of usage."""

    charges: tuple[Charge, ...]
    calendar: Calendar
    unblended: Amounts
    amortized: Amounts
    net_unblended: Amounts
    net_amortized: Amounts
    quantity: Floats

    @property
    def first(self) -> int:
        return int(self.calendar.numbers[0])

    @property
    def end(self) -> int:
        return int(self.calendar.numbers[-1]) + 1

    def column(self, day: int) -> int:
        return day - self.first

    def of(self, metric: str) -> npt.NDArray[Any]:
        """Amounts by Cost Explorer's name of the metric; there is no blended rate here."""
        return {
            "UnblendedCost": self.unblended,
            "BlendedCost": self.unblended,
            "AmortizedCost": self.amortized,
            "NetUnblendedCost": self.net_unblended,
            "NetAmortizedCost": self.net_amortized,
            "UsageQuantity": self.quantity,
            "NormalizedUsageAmount": self.quantity,
        }[metric]


class SpendBook:
    """The bill of one world. The first account pays for all."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._deployments = {d.place: d for d in world.deployments.values()}
        self._main: dict[str, Deployment] = {}
        for deployment in self._deployments.values():
            self._main.setdefault(deployment.account.id, deployment)
        self.charges = self._all_charges()
        self._whole: Statement | None = None
        self._seen: tuple[int, Statement] | None = None
        self._lock = Lock()

    @property
    def payer(self) -> str:
        """The account that pays; as the management account it sees all others."""
        return next(iter(self._main))

    def account_name(self, account: str) -> str:
        found = self._main.get(account)
        return found.account.name if found else account

    @property
    def deployments(self) -> Sequence[Deployment]:
        return tuple(self._deployments.values())

    def whole(self, now: datetime) -> Statement:
        """What each day costs in the end, the coming months as well."""
        today = day_of(now)
        calendar = Calendar.between(first_day(today), today + _AHEAD_DAYS)
        with self._lock:
            known = self._whole
            stale = known is None or known.first != int(calendar.numbers[0])
            if known is None or stale or known.end < today + _AHEAD_DAYS // 2:
                known = self._whole = self._computed(calendar)
            return known

    def known(self, now: datetime) -> Statement:
        """What the bill tells at ``now``."""
        refreshed = int(now.timestamp()) // _REFRESH_S
        seen = self._seen
        if seen is None or seen[0] != refreshed:
            seen = (refreshed, self._lagging(self.whole(now), refreshed * _REFRESH_S))
            self._seen = seen
        return seen[1]

    def days(self, charge: Charge, calendar: Calendar) -> Days:
        """The days of the place of a charge."""
        return self._days(charge.place, calendar)

    def _days(self, place: Place, calendar: Calendar) -> Days:
        found = self._deployments.get(place) or self._main[place.account]
        return Days(
            calendar, self._world.noise, str(found.place), ahead=found.ahead, scale=found.scale
        )

    def _all_charges(self) -> tuple[Charge, ...]:
        charges: list[Charge] = []
        for deployment in self._deployments.values():
            charges += requests.charges(deployment)
            charges += machines.charges(deployment)
            charges += shared.watching(deployment)
        for deployment in self._main.values():
            charges += shared.of_account(deployment)
        payer = self._main[self.payer]
        return (*charges, *shared.of_payer(payer), *shared.commitments(payer, charges))

    def _computed(self, calendar: Calendar) -> Statement:
        days: dict[Place, Days] = {}
        for charge in self.charges:
            if charge.place not in days:
                days[charge.place] = self._days(charge.place, calendar)
        quantity = np.array([c.quantity(days[c.place]) for c in self.charges])
        prices = np.array([c.price for c in self.charges])
        net = np.array([c.net for c in self.charges])
        cost = quantity * prices[:, None]
        amortized = np.array(
            [
                cost[row] if c.amortized is None else c.amortized(days[c.place])
                for row, c in enumerate(self.charges)
            ]
        )
        return Statement(
            self.charges,
            calendar,
            _whole_numbers(cost),
            _whole_numbers(amortized),
            _whole_numbers(cost * net[:, None]),
            _whole_numbers(amortized * net[:, None]),
            np.round(quantity, 10),
        )

    def _lagging(self, whole: Statement, refreshed_s: int) -> Statement:
        share = self._known_share(whole, refreshed_s / 86_400)
        return Statement(
            whole.charges,
            whole.calendar,
            _scaled(whole.unblended, share),
            _scaled(whole.amortized, share),
            _scaled(whole.net_unblended, share),
            _scaled(whole.net_amortized, share),
            np.round(whole.quantity * share, 10),
        )

    def _known_share(self, whole: Statement, refreshed: float) -> Floats:
        """How much of each charge on each day the bill tells, 1 when it is final."""
        calendar, noise = whole.calendar, self._world.noise
        age = refreshed - _LAG_DAYS - calendar.numbers
        arrived = np.clip(age, 0.0, 1.0)
        young = np.clip(1.0 - (age - 1.0) / 2.5, 0.0, 1.0)
        closes = calendar.first_of_month + calendar.month_lengths + CLOSED_AFTER_DAYS
        is_open = refreshed < closes
        shares = np.ones(whole.quantity.shape)
        for row, charge in enumerate(whole.charges):
            if charge.record_type in (SUPPORT, CREDIT) or charge.service == shared.SAVINGS_PLANS:
                shares[row] = age > 0
                continue
            shares[row] = arrived
            if charge.unit in _COUNTED_AT_ONCE:
                continue
            name = f"{charge.place}/{charge.name}"
            late = 0.06 * noise.uniform(f"{name}/late", calendar.numbers) * young
            closing = 0.004 * (noise.uniform(f"{name}/closing", calendar.months) - 0.5) * is_open
            shares[row] = arrived * (1.0 - late) * (1.0 + closing)
        return shares


def first_day(today: int) -> int:
    """The first day that Cost Explorer still knows: 13 whole months before this one."""
    month = np.int64(today).astype("datetime64[D]").astype("datetime64[M]")
    first = (month - (HISTORY_MONTHS - 1)).astype("datetime64[D]")
    return int(first.astype(np.int64))


def _whole_numbers(usd: Floats) -> Amounts:
    return np.rint(usd * ONE_USD).astype(np.int64)


def _scaled(amounts: Amounts, share: Floats) -> Amounts:
    return np.rint(amounts * share).astype(np.int64)
