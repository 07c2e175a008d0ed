"""Names of what is asked together: the groups of rounds and of coverage.

The collector of metrics answers for these groups in each place; readers and
alarms look up coverage by the same names.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta


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


TRACES = "traces"
"""Traces of X-Ray, by the time at which they were received."""

TRACE_SETUP = "trace-setup"
"""Groups, sampling rules and insights of X-Ray."""

TRACE_COUNTS = "trace-counts"
"""What sampling rules of X-Ray met and kept; only the newest minute is told."""

TRACE_SPANS = "trace-spans"
"""Spans of Transaction Search, made of what was collected of their log group."""

LOG_GROUPS = "log-groups"
"""Which log groups a place has (DescribeLogGroups)."""

LOG_DETAILS = "log-details"
"""Tags and subscriptions of log groups, which take a call each."""

LOGS_TOGETHER = "logs/*"
"""Rounds that read the newest events of many log groups at once."""

LOGS_AUDIT = "logs-audit"
"""Rounds that hold what is stored against what CloudWatch says has arrived."""


def logs_group(name: str) -> str:
    """Events of one log group; every round that reads some of them covers this."""
    return f"logs/{name}"


def log_files_group(name: str) -> str:
    """What one of the configured places for files of log events holds."""
    return f"log-files/{name}"


def log_files_whole_group(name: str) -> str:
    """Covered when every file of such a place was listed, the old ones too."""
    return f"log-files-whole/{name}"


def logs_history_group(name: str) -> str:
    """Rounds that fill the past of a log group; what they cover counts for ``logs_group``."""
    return f"logs-history/{name}"


def logs_sweep_group(name: str) -> str:
    """Rounds that read the last day of a log group once more, for events that came late."""
    return f"logs-sweep/{name}"


def log_group_words(group: str) -> str:
    """A group of rounds about logs, as people call what it reads."""
    kind, _, name = group.partition("/")
    if kind == "logs-history":
        return f"logs/{name}, history"
    if kind == "logs-sweep":
        return f"logs/{name}, late events"
    return _LOG_WORDS.get(group, group)


_LOG_WORDS = {
    LOG_GROUPS: "logs, which groups",
    LOG_DETAILS: "logs, tags of groups",
    LOGS_TOGETHER: "logs, newest events",
    LOGS_AUDIT: "logs, audit",
}


def is_of_one_log_group(group: str) -> bool:
    """Whether rounds of this group read a single log group, and not all of a place."""
    kind, _, name = group.partition("/")
    return kind in ("logs", "logs-history", "logs-sweep") and name != "*"


DERIVED = "derived/"


def derived_group(namespace: str, metric: str, names: Iterable[str]) -> str:
    """Series of a metric with dimensions of these names that are made of log events."""
    return f"{DERIVED}{namespace}/{metric}/{','.join(names)}"


def derived_mark(derived: str, log_group: str = "") -> str:
    """Covered as soon as such series are made; with the log group where its lines ask for it."""
    return f"{derived}<{log_group}"


def is_derived(group: str) -> bool:
    """Whether a group, or the mark of one, is of series that are made of log events."""
    return group.startswith(DERIVED)


def is_derived_mark(group: str) -> bool:
    """Whether a group says only that such series are made here, and not when they are complete."""
    return is_derived(group) and "<" in group


def series_group(namespace: str) -> str:
    """Which series a namespace has (ListMetrics)."""
    return f"series/{namespace}"


SPEND = "spend/"


def spend_group(name: str) -> str:
    """What is asked together about spend: a cut of Cost Explorer, budgets, a place of files."""
    return f"{SPEND}{name}"


SPEND_PAST = "spend/history/"
"""Rounds that fill the past of a split of the bill; what they cover counts for the split."""

_SPEND_PACES = {
    "budgets": timedelta(hours=8),
    "free-tier": timedelta(hours=8),
    "estimated-charges": timedelta(hours=8),
    "savings-plans": timedelta(days=7),
    "reservation": timedelta(days=7),
    "prices": timedelta(days=28),
}


def spend_pace(group: str) -> timedelta:
    """How often a group about spend is read: once a day, but for what AWS renews at other times."""
    name = group.removeprefix(SPEND)
    found = (pace for start, pace in _SPEND_PACES.items() if name.startswith(start))
    return next(found, timedelta(days=1))


def bills_group(name: str) -> str:
    """What one of the configured places for bills holds."""
    return spend_group(f"bills/{name}")


def is_of_charges(group: str) -> bool:
    """Whether rounds of this group read what was charged, and not a fact beside it."""
    kinds = ("costs/", "history/", "bills/")
    return group.startswith(tuple(spend_group(kind) for kind in kinds))


def is_of_spend(group: str) -> bool:
    """Whether rounds of this group read what AWS charges."""
    return group.startswith(SPEND)
