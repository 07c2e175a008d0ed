"""What rules may look at in one place: inventory, metrics by the hour, log groups, prices.

All of it is stored; nothing here asks AWS. What was never read, or could not be, is said
with :class:`CouldNotLook`, so that it is never taken for "nothing there".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Protocol

import numpy as np
import numpy.typing as npt

from app.model.errors import CouldNotLook
from app.model.findings import UnitPrice
from app.model.groups import ALARMED, LOG_GROUPS
from app.model.ids import Place, Resource
from app.model.logs import LogGroup
from app.model.rounds import Result, Round
from app.model.spend import TAG
from app.model.time import Intervals, Window, floor
from app.query.insights import Limits
from app.read.binding import Bound
from app.read.books import Books
from app.read.budgets import BudgetsReader
from app.read.groups import NO_IDS, Groups
from app.read.logs import LogsReader
from app.read.sheet import load
from app.read.slots import Slots
from app.read.spend import SpendReader

HOURS_A_MONTH = Decimal(730)
_HOUR = timedelta(hours=1)
_ENOUGH = 0.95
_LONGEST_S, _MOST_MEMORY = 20.0, 800_000_000
_ANSWERED = (Result.OK, Result.PARTIAL)
Hours = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount a month and the prices that it was made with; no amount without a price."""

    usd: Decimal | None = None
    prices: tuple[UnitPrice, ...] = ()

    def __add__(self, other: Cost) -> Cost:
        known = [each for each in (self.usd, other.usd) if each is not None]
        prices = tuple(dict.fromkeys((*self.prices, *other.prices)))
        return Cost(sum(known, Decimal(0)) if known else None, prices)


NO_COST = Cost()


class PriceLike(Protocol):
    """A price as the price book gives it."""

    @property
    def usd(self) -> Decimal: ...
    @property
    def unit(self) -> str: ...
    @property
    def said(self) -> str:
        """Where it comes from and of what date, in words."""
        ...

    @property
    def as_of(self) -> date: ...
    def cost(self, quantity: Decimal) -> Decimal:
        """What a quantity costs, tiers included."""
        ...


class Prices(Protocol):
    """Where prices come from; usage types carry no prefix of a Region."""

    def price(self, usage_type: str, region: str = "", service: str = "") -> PriceLike | None: ...


class NoPrices:
    """Nothing has a price."""

    def price(self, usage_type: str, region: str = "", service: str = "") -> PriceLike | None:
        """None, whatever is asked."""
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """One metric of some resources, oldest first; NaN is a slot without a value.

    A slot is an hour, and a day for metrics that AWS tells once a day.
    """

    values: Hours
    window: Window | None = None

    def total(self, row: int) -> float:
        """All hours added up; 0 where nothing was published."""
        return float(np.nansum(self.values[row]))

    def highest(self, row: int) -> float:
        """The highest hour, NaN where nothing was published."""
        known = self.values[row][~np.isnan(self.values[row])]
        return float(known.max()) if len(known) else float("nan")

    def mean(self, row: int) -> float:
        """The mean of the hours that have a value, NaN for none."""
        known = self.values[row][~np.isnan(self.values[row])]
        return float(known.mean()) if len(known) else float("nan")

    def newest(self, row: int) -> float:
        """The newest value, NaN where nothing was published."""
        known = self.values[row][~np.isnan(self.values[row])]
        return float(known[-1]) if len(known) else float("nan")

    def told(self, row: int) -> str:
        """The day of the newest value, empty for none."""
        known = np.flatnonzero(~np.isnan(self.values[row]))
        if self.window is None or not len(known):
            return ""
        step = self.window.length / int(self.values.shape[1])
        at: datetime = self.window.start + int(known[-1]) * step
        return at.date().isoformat()

    def known(self, row: int) -> float:
        """The share of slots that have a value."""
        return float((~np.isnan(self.values[row])).mean())


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """The facts of one place at one moment."""

    books: Books
    place: Place
    now: datetime
    prices: Prices = field(default_factory=NoPrices)
    budgets: BudgetsReader | None = None

    @property
    def tags(self) -> tuple[str, ...]:
        """The keys of tags that the bill is split by."""
        cuts = (name for cut in self.spend.cuts() for name in cut)
        return tuple(sorted({name.removeprefix(TAG) for name in cuts if name.startswith(TAG)}))

    @property
    def spend(self) -> SpendReader:
        """The bill."""
        return SpendReader(self.books.store)

    def listed(self, service: str, kind: str) -> tuple[Resource, ...]:
        """The resources of a kind, by name; none where AWS does not tell of the service."""
        found = sorted(
            (
                each
                for each in self.books.resources().values()
                if each.place == self.place and (each.service, each.kind) == (service, kind)
            ),
            key=lambda each: (each.name, each.arn),
        )
        known = self.books.catalogue.services[service]
        told_here = not known.regions or self.place.region in known.regions
        if not found and told_here:
            self.require_listed(service, kind)
        return tuple(found)

    def require_listed(self, service: str, kind: str) -> None:
        """CouldNotLook unless the inventory of a kind was read."""
        known = self.books.catalogue.services[service]
        listed_as = known.resource_kind(kind)
        self.require_round("inventory", known.group_of(listed_as) if listed_as else service)

    def log_groups(self) -> tuple[LogGroup, ...]:
        """The log groups that AWS has, as it describes them."""
        groups = self.books.store.logs.groups()
        found = [g for g in groups if g.key.place == self.place and g.last_seen and not g.gone]
        if not found:
            self.require_round("logs", LOG_GROUPS)
        return tuple(found)

    def logged(self, text: str, groups: str, window: Window) -> dict[str, tuple[float, ...]]:
        """Numbers of a query that ends with ``by @log``, by the name of the group.

        Groups that are not collected have no row. One that takes too long is not answered.
        """
        chosen = [g for g in self.log_groups() if fnmatchcase(g.key.name, groups)]
        if not chosen:
            return {}
        names = [group.key.name for group in chosen]
        limits = Limits(rows=10_000, seconds=_LONGEST_S, memory=_MOST_MEMORY)
        reader = LogsReader(self.books.store, limits)
        found = reader.query(text, names, window, [self.place], now=self.now)
        if found.scanned.stopped:
            raise CouldNotLook(f"there are too many events to ask: {found.scanned.stopped}")
        table = found.result()
        where = table.columns.index("@log")
        return {
            str(row[where]).partition(":")[2]: tuple(
                float(cell or 0) for at, cell in enumerate(row) if at != where
            )
            for row in table.rows
        }

    def use(
        self, resources: Sequence[Resource], metric: str, statistic: str = "Sum", days: int = 7
    ) -> Use:
        """A metric of resources of one service over the last whole slots of so many days."""
        if not resources:
            return Use(np.empty((0, days * 24)))
        bound, slots, rows = self._read(resources, metric, days)
        groups = bound.groups(metric, rows)
        sheet = load(self.books.store, {statistic: groups.ids.tolist()}, slots)
        return Use(sheet.pooled(groups, statistic), slots.window)

    def parted(
        self,
        resources: Sequence[Resource],
        metric: str,
        dimension: str,
        statistic: str = "Sum",
        days: int = 7,
    ) -> list[dict[str, Use]]:
        """The same for each value of a further dimension, as of the class of storage."""
        if not resources:
            return []
        bound, slots, rows = self._read(resources, metric, days)
        found = [bound.series.get((row, metric), NO_IDS).tolist() for row in rows]
        ids = [id_ for some in found for id_ in some]
        keys = dict(zip(ids, self.books.store.series.keys(ids), strict=True)) if ids else {}
        sheet = load(self.books.store, {statistic: ids}, slots)
        return [
            {
                dict(keys[id_].dimensions).get(dimension, ""): Use(
                    sheet.pooled(Groups.each(np.array([id_], np.uint32)), statistic), slots.window
                )
                for id_ in some
            }
            for some in found
        ]

    def _read(
        self, resources: Sequence[Resource], metric: str, days: int
    ) -> tuple[Bound, Slots, list[int]]:
        """Where a metric of the resources stands, once it is sure that it was read."""
        bound = self.books.bound(resources[0].service, (self.place,))
        known = bound.service.metric(metric)
        if known is None:
            raise CouldNotLook(f"the catalogue has no metric {metric} of {bound.service.title}")
        step = max(3600, known.period)
        window = self.last(days, timedelta(seconds=step))
        self._require_metrics(known.namespace, window, days)
        rows_of = {each.arn: at for at, each in enumerate(bound.resources)}
        return bound, Slots.over(window, step), [rows_of[each.arn] for each in resources]

    def last(self, days: int, step: timedelta = _HOUR) -> Window:
        """The last whole steps (hours) of so many days."""
        end = floor(self.now, step)
        return Window(end - timedelta(days=days), end)

    def state_since(self, resource: Resource) -> datetime | None:
        """When it was seen to come into its state; None if it was so from the first look on."""
        for change in self.books.store.resources.changes(resource.arn, limit=50):
            if change.before is not None and change.state_before != change.state_after:
                return change.at
        return None

    def cost(
        self, usage_type: str, quantity: Decimal | float, what: str = "", service: str = ""
    ) -> Cost:
        """What a quantity a month costs; no amount where there is no price."""
        price = self.prices.price(usage_type, self.place.region, service)
        if price is None:
            return NO_COST
        unit = UnitPrice(what or usage_type, price.usd, price.unit, price.said, price.as_of)
        usd = price.cost(Decimal(str(quantity))).quantize(Decimal("0.01"))
        return Cost(usd, (unit,))

    def was_asked(self, collector: str, group: str) -> bool:
        """Whether there has been a round of this collector and group at all."""
        return self._round(collector, group) is not None

    def require_round(self, collector: str, group: str) -> None:
        """CouldNotLook unless the last round of this collector and group gave an answer."""
        done = self._round(collector, group)
        if done is None:
            raise CouldNotLook(f"{collector} of {group} has not been read yet")
        if done.result not in _ANSWERED:
            said = done.message or done.action or done.result.value
            raise CouldNotLook(f"{collector} of {group} could not be read: {said}")

    def _round(self, collector: str, group: str) -> Round | None:
        rounds = self.books.store.rounds.latest()
        return next(
            (
                each
                for each in rounds
                if (each.collector, each.group, each.place) == (collector, group, self.place)
            ),
            None,
        )

    def _require_metrics(self, namespace: str, window: Window, days: int) -> None:
        prefixes = (f"metrics/{namespace}/", f"{ALARMED}{namespace}/")
        answered = Intervals.of(
            each
            for (place, group), several in self.books.store.answered().items()
            if place == self.place and group.startswith(prefixes)
            for each in several
        )
        covered = (answered & Intervals.of([window])).length / window.length
        if covered < _ENOUGH:
            raise CouldNotLook(
                f"metrics of {namespace} have been read for {covered * days:.1f} of the last "
                f"{days} days; they fill up by themselves"
            )
