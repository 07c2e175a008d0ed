"""Points on one line for tests of ours; the notation is that of users' rule tests."""

from __future__ import annotations

from alerts.ruletest.notation import points as series

__all__ = ["ending", "series"]


def ending(text: str, end: int, period: int) -> list[tuple[int, float | None]]:
    """The same as rows of slot start and value; the newest slot ends at ``end``."""
    values = series(text)
    first = end - len(values) * period
    return [(first + i * period, value) for i, value in enumerate(values)]
