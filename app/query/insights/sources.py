"""Which log groups and which window a SOURCE names.

Source: Amazon CloudWatch Logs User Guide, "SOURCE".
"""

from __future__ import annotations

from collections.abc import Sequence

from app.query.insights import periods, tree
from app.query.insights.functions import Clock
from app.query.lang import QueryError

MOST_GROUPS = 10_000
MOST_PREFIXES = 5
_CLASSES = ("class", "logGroupClass")
_UNKNOWN_HERE = {
    "dataSource": "data sources",
    "logGroupTags": "tags of log groups",
}


def chosen_groups(source: tree.Source, known: Sequence[str | None], text: str) -> list[str]:
    """The log groups of ``known`` that a source names."""
    groups = [group for group in known if group is not None]
    if source.name is not None:
        return [source.name]
    for selector in source.selectors:
        prefixes = _prefixes(selector, text)
        groups = [group for group in groups if prefixes is None or group.startswith(prefixes)]
    if len(groups) > MOST_GROUPS:
        raise QueryError(
            f"a source has at most {MOST_GROUPS:,} log groups, this one {len(groups):,}",
            text,
            source.span,
        )
    return groups


def _prefixes(selector: tree.Selector, text: str) -> tuple[str, ...] | None:
    """What a name of a log group starts with; None for any name."""
    if selector.kind != "logGroups":
        known = _UNKNOWN_HERE.get(selector.kind, f"the selector `{selector.kind}`")
        raise QueryError(
            f"{known} are not known here; name log groups by logGroups(namePrefix: [...])",
            text,
            selector.span,
        )
    prefixes: tuple[str, ...] | None = None
    for name, value in selector.arguments:
        words = value if isinstance(value, list) else []
        if name in _CLASSES and words:
            if any(word not in ("STANDARD", "INFREQUENT_ACCESS") for word in words):
                raise QueryError(f"{name} is STANDARD or INFREQUENT_ACCESS", text, selector.span)
            continue  # which class a group has makes no difference here
        if name != "namePrefix" or not words:
            raise QueryError(
                f"logGroups takes namePrefix with a list here, not `{name}`", text, selector.span
            )
        if len(words) > MOST_PREFIXES:
            raise QueryError(f"namePrefix takes 1 to {MOST_PREFIXES} prefixes", text, selector.span)
        prefixes = tuple(word for word in words if isinstance(word, str))
    return prefixes


def source_window(source: tree.Source, clock: Clock, text: str) -> tuple[int, int]:
    """First and last epoch millisecond, the query's own where the source says nothing."""
    low, high = clock.start_ms, clock.end_ms
    for name, written in source.window:
        moment = _moment(written, clock)
        if name not in ("start", "end") or moment is None:
            raise QueryError(
                f"`{name}={written}` is not understood; write start=-1d end=now", text, source.span
            )
        low, high = (moment, high) if name == "start" else (low, moment)
    return low, high


def _moment(written: str, clock: Clock) -> int | None:
    if written.lower() == "now":
        return clock.now_ms
    sign = -1 if written.startswith("-") else 1
    plain = written.lstrip("-")
    read = periods.read(plain)
    if read is not None:
        return clock.now_ms + sign * periods.length_ms(*read)
    return int(plain) if plain.isdigit() else None
