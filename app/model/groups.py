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


ALARMED = "alarmed/"


def alarmed_group(namespace: str, pace: int = 60) -> str:
    """Series of a namespace that are read every ``pace`` seconds because alarms watch them."""
    return f"{ALARMED}{namespace}/{pace}"


def is_alarmed(group: str) -> bool:
    """Whether a group is read for alarms."""
    return group.startswith(ALARMED)


def namespace_of(group: str) -> str:
    """The namespace whose metrics a group of :func:`metrics_group` or for alarms holds, or ""."""
    kind, _, rest = group.partition("/")
    return rest.rpartition("/")[0] if kind in ("metrics", "alarmed") else ""


def logs_group(name: str) -> str:
    """Events of one log group; every round that reads some of them covers this."""
    return f"logs/{name}"


def series_group(namespace: str) -> str:
    """Which series a namespace has (ListMetrics)."""
    return f"series/{namespace}"
