"""A trace as rows on one time line, with own time, critical path, and what another has instead.

Pure: spans in, values out. What is wrong in a trace (loops, parents that are not
there, times that run backwards) is borne here, so that no page breaks on it.
"""

from __future__ import annotations

from app.read.waterfall.compare import SAME_US, Change, Difference, differences
from app.read.waterfall.critical import critical_path
from app.read.waterfall.entries import Entry, entries, pauses
from app.read.waterfall.rows import Gap, Row, Waterfall, waterfall
from app.read.waterfall.spans import Span, Stretch, spans_of
from app.read.waterfall.statistics import Operation, operations
from app.read.waterfall.tree import Tree, tree

__all__ = [
    "SAME_US",
    "Change",
    "Difference",
    "Entry",
    "Gap",
    "Operation",
    "Row",
    "Span",
    "Stretch",
    "Tree",
    "Waterfall",
    "critical_path",
    "differences",
    "entries",
    "operations",
    "pauses",
    "spans_of",
    "tree",
    "waterfall",
]
