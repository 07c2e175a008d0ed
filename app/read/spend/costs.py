"""What the bill means: where it goes, why it changed, and what it is for.

Everything is made from what is stored, the bill and the metrics; nothing here asks AWS,
and nothing here can stop spending.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from app.model.ids import Place
from app.model.readings import Look, Reading
from app.model.spend import CostMetric, FactKind, SpendDimension
from app.model.time import Window
from app.read.books import Books
from app.read.spend.anomalies import SpendAnomaly
from app.read.spend.arriving import arrived
from app.read.spend.daily import DAY, Bill, Where, midnight, told
from app.read.spend.decompose import Mover
from app.read.spend.drivers import UNITS
from app.read.spend.forecast import Forecast
from app.read.spend.free_tier import Meter, allowance_of, meter
from app.read.spend.idle import Idle, idle
from app.read.spend.learning import DAYS as LEARN_DAYS
from app.read.spend.learning import learned, with_learned
from app.read.spend.listed import listed
from app.read.spend.metered import Metered
from app.read.spend.moved import moved
from app.read.spend.observing import Observability, custom_namespaces, observability
from app.read.spend.of_places import by_service
from app.read.spend.outlook import AwsForecast, Period, aws_forecast, outlook
from app.read.spend.own_bill import OwnBill, own_bill
from app.read.spend.price_check import Outdated, outdated
from app.read.spend.prices import PriceBook
from app.read.spend.query_bill import QueryBill, query_bill
from app.read.spend.question import SpendAnswer
from app.read.spend.reader import SpendReader
from app.read.spend.scoped import chosen_places, narrowed
from app.read.spend.seed import seed_prices
from app.read.spend.tagged import TagCoverage, coverage
from app.read.spend.today import (
    BY_COUNTERS,
    Seen,
    Today,
    billed_window,
    drivers_of,
    today,
    today_of_part,
)
from app.read.spend.units import UnitCost, unit_costs
from app.read.spend.unusual import covered_tags, unusual

T = TypeVar("T")


class CostsReader:
    """Forecasts, changes, anomalies and units of the bill. Safe to share between threads."""

    def __init__(self, books: Books, places: Sequence[Place]) -> None:
        self._books, self._store, self._places = books, books.store, tuple(places)
        self._spend = SpendReader(books.store)
        self._list = PriceBook(seed_prices())

    def forecast(
        self,
        now: datetime,
        period: Period = Period.MONTH,
        metric: CostMetric = CostMetric.UNBLENDED,
        where: Where = (),
    ) -> Reading[Forecast | None]:
        """The bill of this month or quarter as it will be; None with too few days of bill."""
        bill = self._bill(now, metric)
        return self._same_bill(
            ("forecast", now.date(), period, metric, where), lambda: outlook(bill, period, where)
        )

    def aws_forecast(self, now: datetime) -> Reading[AwsForecast | None]:
        """What AWS itself expects of the rest of the month, where that is collected."""
        return aws_forecast(self._bill(now))

    def own_bill(self, now: datetime) -> Reading[OwnBill]:
        """Watchdeck's own calls as they were counted, against what AWS charged for such calls."""
        return own_bill(self._store, self._spend, now)

    def queries(self, now: datetime) -> QueryBill:
        """What CloudWatch would have charged this month for the log queries answered here."""
        return query_bill(self._store, self.prices(now), now)

    def anomalies(
        self, window: Window, now: datetime, where: Where = ()
    ) -> Reading[tuple[SpendAnomaly, ...]]:
        """Services that cost clearly more than expected, and what in them did."""
        bill = self._bill(now)
        return self._same_bill(
            ("unusual", now.date(), window, where),
            lambda: unusual(bill, window, self.tags(), where),
        )

    def movers(
        self,
        before: Window,
        after: Window,
        now: datetime,
        by: SpendDimension = SpendDimension.SERVICE,
        where: Where = (),
    ) -> Reading[tuple[Mover, ...]]:
        """What changed between two windows, the largest change first."""
        bill = self._bill(now)
        return self._same_bill(
            ("moved", now.date(), before, after, by, where),
            lambda: moved(bill, before, after, by, where),
        )

    def today(self, now: datetime, where: Where = ()) -> Reading[Today | None]:
        """What today has cost so far; None where no day is billed yet."""
        bill = self._bill(now)
        reading = learned(bill, where)
        if where and reading.look is not Look.DATA:
            return self._today_of_part(bill, reading, where)
        if billed_window(reading.value) is None:
            return told(reading, None)
        seen = self._seen(reading.value, now, where)
        book = with_learned(self._listed(), reading.value)
        return told(reading, today(reading.value, seen, book, now))

    def unit_costs(
        self, window: Window, now: datetime, where: Where = ()
    ) -> Reading[tuple[UnitCost, ...]]:
        """What a thousand requests, invocations or messages cost, by service."""
        whole = window.aligned(DAY)
        reading = by_service(self._bill(now), whole, self._places, where)
        metered = self._metered(where)
        counted = metered.daily({d for unit in UNITS for d in unit.drivers}, whole)
        services = self._books.catalogue.services
        bills = {name: service.bills for name, service in services.items()}
        titles = {name: service.title for name, service in services.items()}
        return told(reading, unit_costs(reading.value, counted, bills, titles))

    def observability(
        self, window: Window, now: datetime, where: Where = ()
    ) -> Reading[Observability]:
        """What watching costs, and which log groups and namespaces it is for."""
        whole, places = window.aligned(DAY), chosen_places(self._places, where)
        pair = (SpendDimension.SERVICE, SpendDimension.USAGE_TYPE)
        reading = narrowed(self._bill(now), whole, *pair, where=where, quantities=True)
        bytes_ = arrived(self._store, self._metered(where), whole)
        groups = [g for g in self._store.logs.groups() if g.key.place in places]
        custom = custom_namespaces(self._namespaces(places))
        found = observability(reading.value, bytes_, groups, custom, self.prices(now))
        return told(reading, found)

    def idle(self, now: datetime, where: Where = ()) -> Reading[Idle]:
        """What is billed whether used or not, a month at the rate of the last days."""
        bill = self._bill(now)
        reading = learned(bill, where)
        this = midnight(now.date().replace(day=1))
        months = Window((this - DAY).replace(day=1), midnight(now.date()) + DAY)
        pair = (SpendDimension.SERVICE, SpendDimension.USAGE_TYPE)
        monthly = narrowed(bill, months, *pair, where=where)
        return told(reading, idle(reading.value, monthly.value, this))

    def tag_coverage(
        self, window: Window, now: datetime, where: Where = ()
    ) -> Reading[tuple[TagCoverage, ...]]:
        """How much of the bill each collected tag explains; never to be added up."""
        bill = self._bill(now)
        readings = [coverage(bill, window, key, where) for key in self.tags()]
        if not readings:
            return told(bill.ask(window, where=where), ())
        told_ones = [reading for reading in readings if reading.look is Look.DATA]
        first = told_ones[0] if told_ones else readings[0]
        unsaid = " ".join(reading.said for reading in readings if reading.look is not Look.DATA)
        found = tuple(reading.value for reading in told_ones)
        return Reading(found, first.look, first.as_of, first.problem, first.since, unsaid)

    def free_tier(self, now: datetime) -> Reading[tuple[Meter, ...]]:
        """Every free allowance with what is ahead of it, the fullest first."""
        reading = self._spend.facts(FactKind.FREE_TIER)
        book = self.prices(now)
        meters = [meter(allowance_of(f), f.read_at, now, book) for f in reading.value]
        ordered = tuple(sorted(meters, key=lambda m: (-m.share, m.allowance.description)))
        return Reading(ordered, reading.look, reading.as_of, reading.problem, reading.since)

    def prices(self, now: datetime) -> PriceBook:
        """Rates of the bill where it tells them, list prices for the rest."""
        return with_learned(self._listed(), learned(self._bill(now)).value)

    def outdated_prices(self, now: datetime) -> tuple[Outdated, ...]:
        """Shipped prices that AWS lists otherwise, as far as its list was read."""
        return outdated(self.prices(now))

    def tags(self) -> tuple[str, ...]:
        """Keys of the tags that spend is collected by."""
        return covered_tags(self._spend.cuts())

    def _same_bill(self, key: Hashable, build: Callable[[], Reading[T]]) -> Reading[T]:
        """Made anew with another bill or day; what went wrong last is told as it is now."""
        kept = self._books.kept(key, self._store.spend.version, build)
        if kept.look is not Look.DATA:
            return build()
        problem, since = self._spend.trouble()
        return replace(kept, problem=problem, since=since)

    def _listed(self) -> PriceBook:
        """What AWS lists, as far as it was asked, before what is shipped."""
        return self._list.beside(listed(self._spend.facts(FactKind.PRICE).value))

    def _today_of_part(
        self, bill: Bill, untold: Reading[SpendAnswer], where: Where
    ) -> Reading[Today | None]:
        """Where the bill tells no usage types of what passes the filters: from counters alone."""
        whole, own = learned(bill), bill.last(LEARN_DAYS, where=where)
        if whole.look is not Look.DATA or own.look is not Look.DATA:
            return told(untold if own.look is Look.DATA else own, None)
        seen = self._seen(whole.value, bill.now)
        part = self._seen(whole.value, bill.now, where)
        book = with_learned(self._listed(), whole.value)
        found = today_of_part(whole.value, own.value, seen, part, book, bill.now)
        return replace(told(own, found), said=f"{BY_COUNTERS} {untold.said}")

    def _seen(self, answer: SpendAnswer, now: datetime, where: Where = ()) -> Seen:
        """The counters that go with a bill, on its whole days and today."""
        metered, drivers = self._metered(where), drivers_of(answer)
        window, so_far = billed_window(answer), Window(midnight(now.date()), now)
        past = metered.daily(drivers, window) if window else {}
        return Seen(past, metered.since(drivers, so_far))

    def _namespaces(self, places: Sequence[Place]) -> list[tuple[str, int]]:
        """Namespaces with how many metrics are known of each."""
        found = self._store.series.find(places=places)
        counts = found.group_by("namespace").len().sort("namespace")
        return list(zip(counts["namespace"].to_list(), counts["len"].to_list(), strict=True))

    def _metered(self, where: Where = ()) -> Metered:
        return Metered(self._books, chosen_places(self._places, where))

    def _bill(self, now: datetime, metric: CostMetric = CostMetric.UNBLENDED) -> Bill:
        return Bill(self._spend, now, metric)
