"""Traces of X-Ray: summaries by the time they were received, and whole ones where it matters.

What is billed are traces, scanned or fetched; a month's number of them is a setting that
the meter keeps, for all places together, and near its end only a share is scanned. A trace
may change for days: whoever asks by the time of receipt sees each new revision, so nothing
has to be read again for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from app.aws import Aws, Priority, Reading, UnitLimit
from app.aws.prices import PRICES
from app.config import CollectionSettings
from app.model.errors import OverBudget
from app.model.groups import TRACE_COUNTS, TRACE_SETUP, TRACES
from app.model.ids import Place
from app.model.plans import hours_left
from app.model.rounds import Batch, Covered, Settledness
from app.model.time import Intervals, Window
from app.model.traces import XRAY, OwedTrace, TraceDocuments
from app.store import Store
from collectors.base import Task
from collectors.trace_choice import Summary, chosen, failed, plain
from collectors.trace_fetching import Fetcher
from collectors.trace_known import Known, known_here
from collectors.trace_links import linked_ids
from collectors.trace_owed import KEPT_BY_XRAY, MOST, Owed, owed_of
from collectors.trace_setup import counts, setup

COLLECTOR = "traces"
WIDEST = timedelta(hours=6)
"""GetTraceSummaries takes no longer stretch of time."""

SLICE = timedelta(hours=1)
ZONE = timedelta(minutes=15)
"""How far the first read goes back; the rest is history."""

CHUNK = 1_000
"""Summaries that are decided upon and committed together."""

MOST_WHOLE = 2_500
"""Whole traces that are fetched in one read, about as many as five minutes allow."""

MOST_LINKED = 100
"""Traces that whole ones are linked to, of one read."""

LEAST_SHARE = 0.0001
"""A share is sent in so many digits; less would be sent as none at all."""

SETUP_EVERY = timedelta(hours=1)


class TracesCollector:
    """Reads what X-Ray has received, in every place."""

    name = COLLECTOR

    def __init__(self, aws: Aws, store: Store, settings: CollectionSettings) -> None:
        self._aws, self._store, self._settings = aws, store, settings.traces
        self._fetcher = Fetcher(aws, COLLECTOR)
        limit = UnitLimit(self._settings.per_month, "traces", "collection.traces.per_month")
        aws.meter.limit_units(XRAY, limit)
        self._scanned: dict[Place, float] = {}
        """Traces an hour, as the last read of a place that could tell found them."""

    @property
    def every(self) -> timedelta:
        return self._settings.every

    def plan(self, place: Place, now: datetime) -> list[Task]:
        """The newest traces, what X-Ray is set to and has counted, then one slice of history."""
        if not self._settings.xray:
            return []
        answered = self._store.coverage(place, TRACES).answered
        self._expect(place)
        tasks = []
        fresh = self._fresh(answered, now)
        if fresh:
            tasks.append(Task(place, TRACES, fresh))
        for group, every in ((TRACE_COUNTS, self._settings.every), (TRACE_SETUP, SETUP_EVERY)):
            if self._is_due(place, group, every, now):
                tasks.append(Task(place, group, Window(now - timedelta(seconds=1), now)))
        lacking = self._lacking(answered, fresh, now)
        if lacking:
            tasks.append(Task(place, TRACES, _newest_slice(lacking)))
        return tasks

    def collect(self, task: Task, now: datetime) -> Iterator[Batch]:
        """Ask AWS for one task."""
        if task.window is None:
            raise ValueError(f"a task for {task.group} needs a window")
        if task.group == TRACE_SETUP:
            yield from setup(self._aws, task.place, task.window, COLLECTOR)
            return
        if task.group == TRACE_COUNTS:
            yield from counts(self._aws, task.place, task.window, COLLECTOR)
            return
        yield from self._read(task.place, task.window, now)

    def _fresh(self, answered: Intervals, now: datetime) -> Window | None:
        end = now - self._settings.lag
        last = answered.windows[-1].end if answered else end - ZONE
        wait = self._settings.every * self._aws.meter.stretch(now)
        # A little early counts: the schedule ticks at the same interval.
        if answered and end - last < wait * 0.9:
            return None
        return Window(max(last - self._settings.overlap, end - WIDEST), end)

    def _lacking(self, answered: Intervals, fresh: Window | None, now: datetime) -> Intervals:
        end = fresh.start if fresh else answered.windows[-1].end
        start = now - min(self._settings.backfill, KEPT_BY_XRAY)
        return answered.gaps(Window(start, end)) if start < end else Intervals()

    def _is_due(self, place: Place, group: str, every: timedelta, now: datetime) -> bool:
        known = self._store.coverage(place, group).answered
        return not known or now - known.windows[-1].end >= every * 0.9

    def _expect(self, place: Place) -> None:
        hours = self._settings.every / timedelta(hours=1)
        usd = PRICES["xray", "GetTraceSummaries"].usd * round(self._scanned.get(place, 0) * hours)
        reading = Reading(TRACES, usd, self._settings.every, may_wait=True)
        self._aws.meter.expect(place, COLLECTOR, [reading])

    def _read(self, place: Place, window: Window, now: datetime) -> Iterator[Batch]:
        """Summaries page by page with the whole traces among them, then the coverage."""
        share = self._share(now)
        notes = [] if share >= 1 else [_SHARE.format(share, self._settings.per_month)]
        scanned = 0
        pages = self._pages(place, window, share, now)
        settled = Settledness.SETTLED if now - window.end > WIDEST else Settledness.PROVISIONAL
        covered = [Covered(place, TRACES, window, settled)]
        left, linked = MOST_WHOLE, dict[str, None]()
        owed = Owed.of(self._store.trace_book.owed(place), now)
        before = list(owed.left)
        for page, some in _chunks(pages):
            scanned += page
            if some:
                batch = self._batch(place, some, share, left, owed)
                left -= sum(trace.whole for trace in batch.traces)
                linked |= dict.fromkeys(linked_ids(batch.traces))
                yield replace(batch, part_of=covered)
        due = owed.due(before, left)
        if due:
            yield replace(self._again(place, due, owed), part_of=covered)
        if linked:
            few = [*linked][: min(MOST_LINKED, max(0, left - len(due)))]
            yield replace(self._linked(place, few, now), part_of=covered)
        notes += [owed.note] if owed.note else []
        if scanned or share >= 1:  # of a share none may be scanned where there are many
            self._scanned[place] = scanned / share / (window.length / timedelta(hours=1))
        if pages.cut:
            yield Batch(notes=[*notes, pages.cut])
            return
        yield Batch(covered=covered, notes=notes)

    def _pages(self, place: Place, window: Window, share: float, now: datetime) -> Any:
        params: dict[str, Any] = {
            "StartTime": window.start,
            "EndTime": window.end,
            "TimeRangeType": "Event",
        }
        if self._settings.filter:
            params["FilterExpression"] = self._settings.filter
        if share < 1:
            params["Sampling"] = True
            params["SamplingStrategy"] = {"Name": "FixedRate", "Value": share}
        old = now - window.end > ZONE
        return self._aws.pages(
            place,
            "xray",
            "GetTraceSummaries",
            params,
            collector=COLLECTOR,
            priority=Priority.BACKFILL if old else Priority.NORMAL,
        )

    def _batch(
        self, place: Place, found: Sequence[Summary], share: float, most: int, owed: Owed
    ) -> Batch:
        """Summaries that are new, and ``most`` whole traces; ``share`` of all was scanned."""
        known = known_here(self._store.traces, place, [one["Id"] for one in found])
        new = [one for one in found if known[one["Id"]].lacks(one)]
        whole = {id_ for id_, one in known.items() if one.is_wanted_whole}
        wanted = chosen(new, whole, self._settings.slowest, self._settings.share)
        fetched, notes = self._fetcher.fetch(place, islice(wanted, most))
        if len(wanted) > most:
            notes.append(_TOO_MANY.format(len(wanted) - most))
        traces = [fetched.of(place, one, wanted.get(one["Id"], 1.0) / share) for one in new]
        first = whole | {one["Id"] for one in new if failed(one)}
        told = {trace.trace_id: owed_of(trace, owed.now) for trace in traces}
        batch = owed.settled(
            Batch(traces=traces, notes=notes),
            [told[id_] for id_ in wanted if id_ in first],
            [told[id_] for id_ in wanted if id_ not in first],
        )
        others = self._owed_elsewhere(traces, known, owed.now)
        return replace(batch, traces_owed=[*batch.traces_owed, *others])

    def _linked(self, place: Place, ids: Sequence[str], now: datetime) -> Batch:
        """Traces that sent what whole ones work on, so that the way can be followed.

        Those that X-Ray does not give, as they were not sampled, are not missed.
        """
        known = known_here(self._store.traces, place, ids)
        fetched, _ = self._fetcher.fetch(place, [id_ for id_ in ids if not known[id_].whole])
        given = [OwedTrace(id_, place, now) for id_ in fetched.documents]
        return Batch(traces=[fetched.again(one) for one in given])

    def _owed_elsewhere(
        self, traces: Iterable[TraceDocuments], known: Mapping[str, Known], now: datetime
    ) -> list[OwedTrace]:
        """Parts of whole traces of which another place has only told: they are wanted too."""
        wanted = [
            OwedTrace(trace.trace_id, other, now, weight=trace.weight)
            for trace in traces
            if trace.whole
            for other in known[trace.trace_id].told_by
        ]
        room = {p: MOST - len(self._store.trace_book.owed(p)) for p in {o.place for o in wanted}}
        return [one for one in wanted if room[one.place] > 0]

    def _again(self, place: Place, due: Sequence[OwedTrace], owed: Owed) -> Batch:
        """Traces that earlier reads could not fetch; nothing of those not given now."""
        fetched, notes = self._fetcher.fetch(place, [one.trace_id for one in due])
        traces = [fetched.again(one) for one in due if one.trace_id in fetched.documents]
        batch = Batch(traces=traces, notes=notes)
        if fetched.held_back:  # they were not asked for, so nothing was tried
            return owed.settled(batch, ())
        return owed.tried(batch, due, fetched.documents)

    def _share(self, now: datetime) -> float:
        """Which share of the traces may be scanned: all, as long as the month allows it."""
        left = self._aws.meter.units_left(XRAY) or 0
        again = 1 + self._settings.overlap / self._settings.every
        # Of what is scanned about a third is fetched, and billed once more.
        wished = sum(self._scanned.values()) * again * 1.33 * float(hours_left(now))
        # Where nothing is left the first question is refused, and says so.
        return min(1.0, max(LEAST_SHARE, round(left / wished, 4))) if wished and left else 1.0


def _chunks(pages: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, list[Summary]]]:
    """How many were scanned, and summaries that are decided upon together, none at times."""
    waiting: list[Summary] = []
    held: OverBudget | None = None
    try:
        for page in pages:
            waiting += [plain(each) for each in page.get("TraceSummaries") or ()]
            scanned = int(page.get("TracesProcessedCount") or 0)
            yield scanned, waiting[:CHUNK] if len(waiting) >= CHUNK else []
            if len(waiting) >= CHUNK:
                del waiting[:CHUNK]
    except OverBudget as refused:
        held = refused  # what was scanned before is paid for, and kept
    while waiting:
        yield 0, waiting[:CHUNK]
        del waiting[:CHUNK]
    if held is not None:
        raise held


_TOO_MANY = (
    "{:,} traces that failed, were slow or belong to the share are not fetched whole: X-Ray gives "
    "about ten a second; later reads ask for them again, until then only their summaries are kept"
)
_SHARE = (
    "Only {:.2%} of the traces are looked at, so that the {:,} of this month "
    "(collection.traces.per_month) last to its end."
)


def _newest_slice(lacking: Intervals) -> Window:
    newest = lacking.windows[-1]
    return Window(max(newest.start, newest.end - SLICE), newest.end)
