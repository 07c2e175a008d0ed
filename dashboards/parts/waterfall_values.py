"""The rows of a waterfall as plain values, in the order in which the browser reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.model.traces import Outcome
from app.read.waterfall import Entry, Gap, Row, Stretch, Waterfall, pauses

LEVELS = ("error", "warn")
GROUPS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class LogMark:
    """A line that was logged while the trace ran; ``level`` is ``error``, ``warn`` or empty.

    ``span`` is the id of the span that it stands under.
    """

    at: int
    level: str
    text: str
    group: str = ""
    span: str = ""


class Values:
    """Makes the values of entries; times in microseconds since the trace began."""

    def __init__(self, shown: Waterfall, logs: Sequence[LogMark]) -> None:
        self._shown, self._logs = shown, logs
        self._place = {name: n for n, name in enumerate(shown.services)}

    def of(self, entry: Entry) -> list[Any]:
        """Id, depth, rows below, count, label, target, service, start, length, own time, outcome,
        status, marks, own stretches, critical path, kind, pauses, spans below."""
        if entry.row is not None:
            return self._span(entry, entry.row)
        if entry.gap is not None:
            return self._gap(entry, entry.gap)
        return self._lines(entry) if len(entry.lines) > 1 else self._line(entry)

    def _span(self, entry: Entry, row: Row) -> list[Any]:
        span, start = row.span, self._shown.start
        marks = [
            name
            for name, is_so in (
                ("open", span.end is None),
                ("orphan", row.orphan),
                ("looped", row.looped),
            )
            if is_so
        ]
        return [
            span.id,
            entry.depth,
            entry.below,
            row.count,
            span.label,
            span.target,
            self._place[span.service],
            row.start - start,
            row.end - row.start,
            row.self_time,
            "" if span.outcome is Outcome.OK else span.outcome.value,
            span.status,
            marks,
            _flat(row.own, start),
            _flat(row.path, start),
            "",
            _flat(pauses(self._shown, row), start),
            entry.inner,
        ]

    def _gap(self, entry: Entry, gap: Gap) -> list[Any]:
        label, target = "Nothing ran", f"{gap.before.label} to {gap.after.label}"
        length = gap.end - gap.start
        at = gap.start - self._shown.start
        return self._other(f"gap:{gap.start}", entry, "gap", [label, target, at, length, []])

    def _line(self, entry: Entry) -> list[Any]:
        [number] = entry.lines
        line = self._logs[number]
        at = line.at - self._shown.start
        told = [line.text, _short(line.group), at, 0, [line.level] if line.level else []]
        return self._other(f"line:{number}", entry, "line", told)

    def _lines(self, entry: Entry) -> list[Any]:
        """Several lines of a span: how many, from where, how grave, and when."""
        lines = [self._logs[number] for number in entry.lines]
        levels = {line.level for line in lines}
        worst = [level for level in LEVELS if level in levels][:1]
        groups = list(dict.fromkeys(_short(line.group) for line in lines if line.group))
        more = f" and {len(groups) - GROUPS_SHOWN} more" if len(groups) > GROUPS_SHOWN else ""
        first, last = min(line.at for line in lines), max(line.at for line in lines)
        told: list[Any] = [f"{len(lines)} log lines", ", ".join(groups[:GROUPS_SHOWN]) + more]
        told += [first - self._shown.start, last - first, worst]
        stretches = [number for line in lines for number in (line.at - self._shown.start, 0)]
        return self._other(f"lines:{entry.lines[0]}", entry, "lines", told, stretches)

    def _other(
        self, id_: str, entry: Entry, kind: str, told: list[Any], own: Sequence[int] = ()
    ) -> list[Any]:
        """What is no span has no outcome, status and path."""
        label, target, at, length, marks = told
        service = self._place[entry.owner.span.service] if entry.owner else 0
        named = [id_, entry.depth, entry.below, 1, label, target, service, at, length, 0]
        return [*named, "", None, marks, list(own), [], kind, [], 0]


def _short(group: str) -> str:
    return group.rpartition("/")[2] or group


def _flat(stretches: Sequence[Stretch], start: int) -> list[int]:
    """Start and length of each, in one list."""
    return [number for since, end in stretches for number in (since - start, end - since)]
