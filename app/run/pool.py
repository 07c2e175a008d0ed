"""The threads that do the rounds, and the order in which they take them.

A new plan for a collector in a place replaces what was still waiting of the
old one, so the most wanted task is always next. Places take turns, and no
account may hold more than its share of the threads: one that hangs or fails
never stops another. When all tasks of a plan are done, and done well, more may
be asked for at once: that is how history fills as fast as AWS allows.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.model.ids import Place
from collectors.base import Collector, Task

log = logging.getLogger(__name__)

Run = Callable[[Collector, Task], bool]
"""Does a task; True when it went well."""

More = Callable[[Collector, Place], Sequence[Task]]
"""Plans again once everything planned is done; an empty plan ends it."""


@dataclass(slots=True)
class _Queue:
    """What waits for one collector in one place, and what became of the plan so far."""

    collector: Collector
    waiting: deque[Task]
    running: set[str] = field(default_factory=set)
    done: set[Task] = field(default_factory=set)
    well: bool = True


class Pool:
    """``size`` threads running ``run(collector, task)``, at most ``share`` for one account."""

    def __init__(self, run: Run, size: int, share: int, more: More) -> None:
        self._run, self._more, self._share = run, more, max(1, share)
        self._queues: OrderedDict[tuple[str, Place], _Queue] = OrderedDict()
        self._busy = 0
        self._per_account: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._work, name=f"round-{i}", daemon=True) for i in range(size)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def offer(self, collector: Collector, place: Place, tasks: Sequence[Task]) -> None:
        """Replace what waits for this collector in this place."""
        with self._changed:
            queue = self._queues.setdefault((collector.name, place), _Queue(collector, deque()))
            queue.waiting = deque(tasks)
            queue.done, queue.well = set(), True
            self._changed.notify_all()

    def wait_idle(self, stop: threading.Event) -> bool:
        """Wait until nothing waits and nothing runs; False when told to stop before."""
        with self._changed:
            while not stop.is_set():
                if self._busy == 0 and not any(q.waiting for q in self._queues.values()):
                    return True
                self._changed.wait(0.2)
        return False

    def stop(self, patience: float) -> bool:
        """Take no further task; True when the running ones ended within ``patience`` seconds."""
        with self._changed:
            self._stopping = True
            self._queues.clear()
            self._changed.notify_all()
        deadline = time.monotonic() + patience
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def counters(self) -> dict[str, int]:
        """Tasks waiting, running, done and failed."""
        with self._changed:
            waiting = sum(len(queue.waiting) for queue in self._queues.values())
            return {"waiting": waiting, "running": self._busy, **self._counts}

    def _work(self) -> None:
        while (taken := self._take()) is not None:
            queue, task = taken
            well = self._attempt(queue.collector, task)
            if self._finish(queue, task, well=well):
                self._ask_for_more(queue, task.place)
            self._rest(task)

    def _attempt(self, collector: Collector, task: Task) -> bool:
        try:
            return self._run(collector, task)
        except Exception:  # one task's failure must not end the thread that others need
            extra = {"collector": collector.name, "place": task.place, "group": task.group}
            log.exception("a round failed unexpectedly", extra=extra)
            return False

    def _take(self) -> tuple[_Queue, Task] | None:
        with self._changed:
            while not self._stopping:
                taken = self._next()
                if taken is not None:
                    return taken
                self._changed.wait()
            return None

    def _next(self) -> tuple[_Queue, Task] | None:
        for key, queue in list(self._queues.items()):
            if self._per_account[key[1].account] >= self._share:
                continue
            task = next((t for t in queue.waiting if t.group not in queue.running), None)
            if task is not None:
                queue.waiting.remove(task)
                queue.running.add(task.group)
                self._busy += 1
                self._per_account[task.place.account] += 1
                self._queues.move_to_end(key)
                return queue, task
        return None

    def _finish(self, queue: _Queue, task: Task, *, well: bool) -> bool:
        """Note the outcome; True when this was the last task of a plan that went well."""
        with self._changed:
            self._counts["done" if well else "failed"] += 1
            queue.running.discard(task.group)
            queue.done.add(task)
            queue.well = queue.well and well
            return queue.well and not queue.waiting and not queue.running and not self._stopping

    def _ask_for_more(self, queue: _Queue, place: Place) -> None:
        try:
            tasks = self._more(queue.collector, place)
        except Exception:  # the schedule will plan again; the thread must live
            log.exception("planning failed", extra={"collector": queue.collector.name})
            return
        with self._changed:
            if not queue.waiting:
                # A task that was just done is no progress, and asking twice costs money.
                queue.waiting = deque(task for task in tasks if task not in queue.done)

    def _rest(self, task: Task) -> None:
        with self._changed:
            self._busy -= 1
            self._per_account[task.place.account] -= 1
            self._changed.notify_all()
