"""The only place that reads the clock. Everything below gets ``now`` as a value or a callable."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)
