"""Traces: which match an expression, one whole, and the map of services that they draw."""

from __future__ import annotations

from app.read.traces.reader import FoundTraces, TracesReader, told
from app.read.traces.sampling import Insight, Sampled, sampled_share

__all__ = ["FoundTraces", "Insight", "Sampled", "TracesReader", "sampled_share", "told"]
