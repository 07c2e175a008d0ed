"""The critical path: the work that, had it been shorter, would have ended the trace sooner.

Walks back from the end of the root. At each point the child that finished last
was waited for; what no child covers was the span's own work. Children that
outlive their parent count up to its end only.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from app.read.waterfall.spans import Stretch
from app.read.waterfall.tree import Tree


def critical_path(tree: Tree, root: int) -> dict[int, list[Stretch]]:
    """Which stretches of which spans are on the path, each list oldest first."""
    found: dict[int, list[Stretch]] = {}
    start, end = tree.stretch(root)
    waiting = [(root, start, end)]
    while waiting:
        at, low, limit = waiting.pop()
        for child, since, until in _steps(tree, at, low, limit):
            if child == at:
                found.setdefault(at, []).append((since, until))
            else:
                waiting.append((child, since, until))
    return {at: sorted(stretches) for at, stretches in found.items()}


def _steps(tree: Tree, at: int, low: int, limit: int) -> Iterator[tuple[int, int, int]]:
    """From ``limit`` back to ``low``: who was waited for, from when to when."""
    ends = sorted(
        ((tree.stretch(child)[1], child) for child in tree.children[at]), key=lambda e: -e[0]
    )
    running: list[tuple[int, int]] = []  # (start, child) of those that end at the limit or later
    next_ = 0
    while limit > low:
        while next_ < len(ends) and ends[next_][0] >= limit:
            child = ends[next_][1]
            heapq.heappush(running, (tree.spans[child].start, child))
            next_ += 1
        if running and running[0][0] < limit:
            since, child = heapq.heappop(running)
            since = max(since, low)
            yield child, since, limit
            limit = since
            continue
        running.clear()  # they started later than all that is left
        until = max(ends[next_][0], low) if next_ < len(ends) else low
        yield at, until, limit
        limit = until
