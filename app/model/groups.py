"""Names of what is asked together: the groups of rounds and of coverage.

The collector of metrics answers for these groups in each place; readers and
alarms look up coverage by the same names.
"""

from __future__ import annotations


def metrics_group(namespace: str, period: int = 60) -> str:
    """All known series of a namespace that are read at ``period`` seconds."""
    return f"metrics/{namespace}/{period}"


def history_group(namespace: str, period: int = 60) -> str:
    """Rounds that fill the past of such series; what they cover counts for ``metrics_group``."""
    return f"history/{namespace}/{period}"


def alarmed_group(namespace: str) -> str:
    """All series of a namespace that alarms watch, at every period and statistic they need."""
    return f"alarmed/{namespace}"


def series_group(namespace: str) -> str:
    """Which series a namespace has (ListMetrics)."""
    return f"series/{namespace}"
