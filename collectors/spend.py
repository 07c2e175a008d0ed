"""What the accounts pay: Cost Explorer once a day in few requests, and what is free beside it.

No page ever causes a request. Every request to Cost Explorer and every page of an
answer costs 0.01 USD, so all of them come out of one purse a day; history is
fetched with what the newest days leave over.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from app.aws import Aws, home_region
from app.config import SpendReading, SpendSettings
from app.model.groups import spend_group, spend_pace
from app.model.ids import Place
from app.model.rounds import Batch, Round
from app.model.time import Window
from app.store import Store
from collectors.base import Task
from collectors.spend_advice import recommendations
from collectors.spend_asking import COLLECTOR, Asking
from collectors.spend_commitments import COMMITMENTS, commitment
from collectors.spend_costs import Costs, read_costs
from collectors.spend_cuts import Split, splits
from collectors.spend_due import DAY, WEEK, Habit, is_due, is_due_today, most_wanted
from collectors.spend_estimates import estimated_charges
from collectors.spend_free import budgets, free_tier
from collectors.spend_outlook import anomalies, forecast
from collectors.spend_prices import prices
from collectors.spend_purse import Purse
from collectors.spend_windows import Known, askable, covered, history, lacking, newest

BUDGETS, FREE_TIER, RECOMMENDATIONS = map(spend_group, ("budgets", "free-tier", "recommendations"))
ESTIMATES, PRICES = map(spend_group, ("estimated-charges", "prices"))
_FREE: Mapping[SpendReading, str] = {
    "budgets": BUDGETS,
    "free_tier": FREE_TIER,
    "estimated_charges": ESTIMATES,
    "recommendations": RECOMMENDATIONS,
    "prices": PRICES,
}
FORECAST, ANOMALIES = map(spend_group, ("forecast", "anomalies"))
MOST_PAGES = 50
"""The most that one round asks for, so that what was read is stored soon."""


class SpendCollector:
    """Asks the accounts that pay."""

    def __init__(self, aws: Aws, store: Store, settings: SpendSettings) -> None:
        self._aws, self._store, self._settings = aws, store, settings
        self._purse = Purse(store, settings.requests_per_day)
        self._splits = {split.group: split for split in splits(settings.tags, settings.categories)}
        self._past = {split.past: split for split in self._splits.values()}
        self._commitments = {spend_group(c.name): c for c in COMMITMENTS}
        self._fitting: dict[tuple[Place, str], int] = {}
        self._waiting: dict[Place, list[str]] = {}
        self._asking = threading.Lock()

    @property
    def name(self) -> str:
        return COLLECTOR

    @property
    def every(self) -> timedelta:
        return timedelta(minutes=15)

    def plan(self, place: Place, now: datetime) -> list[Task]:
        """What is due in the one place of a paying account from which it is asked."""
        if not self._speaks(place):
            return []
        rounds = {r.group: r for r in self._store.rounds.latest() if _is_of(r, place)}
        due = [h for h in self._habits() if self._is_due(h, rounds.get(h.group), now)]
        free = [Task(place, habit.group) for habit in due if not habit.paid]
        return free + self._paid(
            place, most_wanted([h for h in due if h.paid], rounds), rounds, now
        )

    def collect(self, task: Task, now: datetime) -> Iterator[Batch]:
        """Ask for one thing; what costs money one after the other."""
        free = {BUDGETS: budgets, FREE_TIER: free_tier}.get(task.group)
        if free is not None:
            yield free(self._aws, task.place, now)
            return
        if task.group == ESTIMATES:
            yield from estimated_charges(self._aws, self._store, task.place, now)
            return
        if task.group == PRICES:
            yield prices(self._aws, self._store, task.place, now)
            return
        with self._asking:
            batches = list(self._collect(task, now))
        yield from batches

    def _collect(self, task: Task, now: datetime) -> Iterator[Batch]:
        asking = Asking(self._aws, self._purse, task.place, now)
        if task.group == RECOMMENDATIONS:
            rightsizing = asking if self._settings.rightsizing else None
            yield recommendations(self._aws, task.place, now, rightsizing)
        elif task.group == FORECAST:
            yield forecast(asking)
        elif task.group in self._past:
            yield from self._read_past(asking, self._past[task.group], task.window)
        else:
            yield from self._read_paid(asking, task)
        waiting = self._waiting.get(task.place, [])
        if task.group in waiting:
            waiting.remove(task.group)

    def _read_paid(self, asking: Asking, task: Task) -> Iterator[Batch]:
        most = self._allowed(task.place, task.group, asking.now)
        if task.group == ANOMALIES:
            yield anomalies(asking, most)
        elif task.group in self._commitments:
            yield commitment(asking, self._commitments[task.group], most)
        elif task.window is not None:
            yield from self._read_newest(asking, self._splits[task.group], task.window, most)

    def _read_newest(
        self, asking: Asking, split: Split, window: Window, most: int
    ) -> Iterator[Batch]:
        """The open days; where they do not fit, the newest of them in a request of their own."""
        costs = self._read(asking, split, window, most)
        yield self._batch(asking, split, costs)
        if not costs.more:
            return
        if not self._purse.left(asking.now):
            yield Batch(notes=["not all days were read: the requests of today are used up"])
            return
        fitting = self._fitting.get((asking.place, split.group), 1)
        rest = Window(max(costs.window.end, window.end - fitting * DAY), window.end)
        yield self._batch(asking, split, self._read(asking, split, rest, 1))

    def _read_past(self, asking: Asking, split: Split, window: Window | None) -> Iterator[Batch]:
        most = self._allowed(asking.place, "", asking.now, at_least=0)
        if window is not None and most:
            yield self._batch(asking, split, self._read(asking, split, window, most))

    def _read(self, asking: Asking, split: Split, window: Window, most: int) -> Costs:
        costs = read_costs(asking, split, window, min(most, MOST_PAGES))
        if costs.days_a_page is not None:
            self._fitting[asking.place, split.group] = costs.days_a_page
        return costs

    def _batch(self, asking: Asking, split: Split, costs: Costs) -> Batch:
        if not costs.window:
            return Batch(notes=["one day has more groups than fit into the requests of a day"])
        place, now = asking.place, asking.now
        foreign = ", ".join(sorted(costs.currencies))
        return Batch(
            notes=[f"amounts are in {foreign} and shown as if in USD"] if foreign else [],
            spend=[costs.statement(place.account, now)],
            covered=covered(place, split.group, costs.window, now, costs.estimated_from),
        )

    def _paid(
        self, place: Place, due: list[Habit], rounds: dict[str, Round], now: datetime
    ) -> list[Task]:
        left = self._purse.left(now)
        self._waiting[place] = [habit.group for habit in due[:left]]
        tasks = [Task(place, h.group, self._window(place, h.group, now)) for h in due[:left]]
        later = [h for h in self._habits() if h.paid and h not in due]
        later = [
            h for h in later if is_due_today(h, rounds.get(h.group), now, self._settings.hour_utc)
        ]
        if due or left <= len(later):
            return tasks
        return self._missing(place, now)

    def _missing(self, place: Place, now: datetime) -> list[Task]:
        """The split that knows least of the past, if any lacks something."""
        within = askable(now, self._settings.backfill)
        lacks = [
            (lacking(self._known(place, s.group), now, within), s) for s in self._past.values()
        ]
        lacks = [(missing, split) for missing, split in lacks if missing]
        if not lacks:
            return []
        missing, split = max(lacks, key=lambda each: each[0].length)
        fitting = self._fitting.get((place, split.group))
        pages = self._allowed(place, "", now)
        window = history(missing, fitting * pages if fitting is not None else None)
        return [Task(place, split.past, window)]

    def _window(self, place: Place, group: str, now: datetime) -> Window | None:
        if group not in self._splits:
            return None
        within = askable(now, self._settings.backfill)
        fitting = self._fitting.get((place, group))
        return newest(now, within, fitting)

    def _known(self, place: Place, group: str) -> Known:
        coverage = self._store.coverage(place, group)
        return Known(coverage.answered, coverage.settled)

    def _allowed(self, place: Place, group: str, now: datetime, at_least: int = 1) -> int:
        """How many requests a round may take, so that what waits gets one each."""
        others = sum(each != group for waiting in self._waiting.values() for each in waiting)
        return max(at_least, self._purse.left(now) - others)

    def _habits(self) -> list[Habit]:
        """All that is read regularly, the most needed first."""
        read = self._settings.read
        paid = [*self._splits]
        paid += [FORECAST] if "forecast" in read else []
        paid += [ANOMALIES] if "anomalies" in read else []
        paid += [*self._commitments] if "commitments" in read else []
        if not self._settings.requests_per_day:
            paid = []
        free = [group for name, group in _FREE.items() if name in read]
        if not self._store.spend.statements():
            free = [group for group in free if group != PRICES]  # asked of what the bill names
        return [
            *(Habit(group, spend_pace(group), paid=True) for group in paid),
            *(Habit(group, self._pace(group), paid=False) for group in free),
        ]

    def _pace(self, group: str) -> timedelta:
        """Rightsizing may cost a request, so advice is then read once a week."""
        if group == RECOMMENDATIONS and self._settings.rightsizing:
            return WEEK
        return spend_pace(group)

    def _is_due(self, habit: Habit, last: Round | None, now: datetime) -> bool:
        return is_due(habit, last, now, self._settings.hour_utc)

    def _speaks(self, place: Place) -> bool:
        """Whether a paying account is asked from here: its home Region, or the first read."""
        name = self._aws.account_names().get(place.account)
        if not {place.account, name} & set(self._settings.payers):
            return False
        regions = [p.region for p in self._aws.places() if p.account == place.account]
        home = home_region(place.region)
        return place.region == (home if home in regions else regions[0])


def _is_of(done: Round, place: Place) -> bool:
    return done.collector == COLLECTOR and done.place == place
