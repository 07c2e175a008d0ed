"""In which order tests run, and which of them in one process.

Tests of a file stay together, so that what they share is made once; tests with an
``xdist_group`` of their own go by that. The longest begin first, so that no process is
left alone with one of them at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadGroupScheduling

LONG = {"slow", "browser"}
"""Marks of tests that take long."""


class ByFile(LoadGroupScheduling):
    """Gives each process the tests of one file after the other."""

    def _split_scope(self, nodeid: str) -> str:
        group = super()._split_scope(nodeid)
        return nodeid.partition("::")[0] if group == nodeid else group


def longest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The groups with most long tests first, all others as they stand."""
    long = Counter(_group(item) for item in items if LONG & {m.name for m in item.iter_markers()})
    return sorted(items, key=lambda item: -long[_group(item)])


def _group(item: pytest.Item) -> str:
    named = item.get_closest_marker("xdist_group")
    return str(named.args[0]) if named else item.nodeid.partition("::")[0]
