"""What the pages of traces ask, beyond the traces themselves: points, shares, lines, examples."""

from __future__ import annotations

from app.read.trace_page.around import TraceAround
from app.read.trace_page.reader import TracePageReader

__all__ = ["TraceAround", "TracePageReader"]
