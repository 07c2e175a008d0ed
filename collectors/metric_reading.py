"""Asking for one window of many series and gathering the rows."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from app.aws import MAX_POINTS, Aws, MetricData, MetricQuery, Priority
from app.model.ids import Place
from app.model.time import Window, floor
from collectors.metric_frames import Rows
from collectors.packing import pack
from collectors.windows import retention

BATCH_ROWS = 500_000
"""What one commit holds at most; only the last one of a window carries coverage."""

_Call = tuple[tuple[MetricQuery, ...], Window]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads windows of series in one place, a few calls at a time."""

    aws: Aws
    place: Place
    collector: str
    priority: Priority
    parallel: int = 4

    def rows(self, queries: Sequence[MetricQuery], window: Window) -> Iterator[Rows]:
        """All points of ``window``, in parts of at most BATCH_ROWS or so; at least one part.

        What AWS did not answer completely is asked once more, alone.
        """
        gathered = Rows()
        for asked, data in self._answers(_calls(queries, window)):
            gathered.add(asked, data)
            if gathered.count >= BATCH_ROWS:
                incomplete, gathered.incomplete = gathered.incomplete, []
                yield gathered
                gathered = Rows(incomplete=incomplete)
        again, gathered.incomplete = gathered.incomplete, []
        for asked, data in self._answers(_calls(again, window)):
            gathered.add(asked, data)
        gathered.last = True
        yield gathered

    def _answers(
        self, calls: Iterator[_Call]
    ) -> Iterator[tuple[tuple[MetricQuery, ...], MetricData]]:
        """The answers in the order of the calls, some calls ahead of the one being read."""
        ahead: deque[tuple[tuple[MetricQuery, ...], Future[MetricData]]] = deque()
        with ThreadPoolExecutor(self.parallel, thread_name_prefix="metrics") as pool:
            try:
                for queries, window in calls:
                    ahead.append((queries, pool.submit(self._ask, queries, window)))
                    if len(ahead) > self.parallel:
                        asked, future = ahead.popleft()
                        yield asked, future.result()
                while ahead:
                    asked, future = ahead.popleft()
                    yield asked, future.result()
            finally:
                for _, future in ahead:
                    future.cancel()

    def _ask(self, queries: tuple[MetricQuery, ...], window: Window) -> MetricData:
        return self.aws.metric_data(
            self.place, queries, window, collector=self.collector, priority=self.priority
        )


def _calls(queries: Sequence[MetricQuery], window: Window) -> Iterator[_Call]:
    """Calls for whole slots only, so that no slot is read half full."""
    by_period: dict[int, list[MetricQuery]] = {}
    for query in queries:
        by_period.setdefault(query.period, []).append(query)
    for period, same in sorted(by_period.items()):
        whole = _whole(window, period, max(len(query.statistics) for query in same))
        if whole:
            for call in pack(same, whole):
                yield call, whole


def _whole(window: Window, period: int, lines: int) -> Window:
    """The newest whole slots of ``window`` that CloudWatch still has and that fit into a call."""
    step = timedelta(seconds=period)
    slots = min(MAX_POINTS // lines, retention(period) // step)
    start, end = floor(window.start, step), floor(window.end, step)
    return Window(min(max(start, end - slots * step), end), end)
