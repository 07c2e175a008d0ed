"""Traces: which match an expression, one whole, and the map of services that they draw."""

from __future__ import annotations

from app.read.traces.reader import FoundTraces, TracesReader, told

__all__ = ["FoundTraces", "TracesReader", "told"]
