"""Which segments of log events may hold what a query looks for, without opening any.

Left out is only what surely holds nothing: a field that occurs in no message, a
number beyond the least and greatest of a column, an id that the token filter does
not know.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from app.model.logs import FieldKind
from app.query.insights.conditions import Compared, Condition, Contains, Equals, OneOf
from app.query.insights.events import SYSTEM
from app.query.insights.source import Skipped
from app.query.insights.values import number_of
from app.store import Keys, LogReader, LogSegment, keys_inside, keys_of_equal

MOST_VALUES = 50
"""Values of a list that are looked up in the token filters."""

_MAY_BE_NUMBER = re.compile(r"[0-9.eE+-]*")


def chosen(
    logs: LogReader, segments: Sequence[LogSegment], conditions: Sequence[Condition]
) -> tuple[list[LogSegment], tuple[Skipped, ...]]:
    """The segments to read, in the order given, and why the others are not."""
    asked = [c for c in conditions if c.field not in SYSTEM]
    there = [s for s in segments if all(_occurs(s, c.field) for c in asked)]
    inside = [s for s in there if all(_in_bounds(s, c) for c in asked)]
    worded = [s for s in inside if not any(_lacks(s, c) for c in conditions)]
    holding = _holding(logs, worded, conditions)
    skipped = (
        _skipped("a field that the query asks for is in none of their messages", segments, there),
        _skipped("the values in them are all too small or too large", there, inside),
        _skipped("none of their messages holds such a word", inside, worded),
        _skipped("their filters know no such id", worded, holding),
    )
    return holding, tuple(each for each in skipped if each.parts)


def groups_named(shown: Sequence[str], conditions: Sequence[Condition]) -> list[bool]:
    """Which groups, by what ``@log`` shows of them, the conditions allow."""
    own = [c for c in conditions if c.field == "@log"]
    return [all(_allows(condition, name) for condition in own) for name in shown]


def _allows(condition: Condition, name: str) -> bool:
    match condition:
        case Equals(text=text):
            return name == text
        case Contains(literal=literal):
            return literal in name
        case OneOf(values=values):
            return name in values
        case _:
            return True


def _occurs(segment: LogSegment, field: str) -> bool:
    """Whether some message may hold the field, or an object of that name."""
    if segment.facts.more_fields or field in segment.fields:
        return True
    return any(name.startswith(f"{field}.") for name in segment.fields)


def _in_bounds(segment: LogSegment, condition: Condition) -> bool:
    """Whether the bounds of a column allow a value for which the condition is true."""
    info, bounds = segment.fields.get(condition.field), segment.facts.bounds.get(condition.field)
    if info is None or not bounds:
        return True
    low, high = bounds
    if isinstance(low, str) or isinstance(high, str):
        is_text = isinstance(low, str) and isinstance(high, str) and info.kind is FieldKind.TEXT
        return not is_text or _text_within(str(low), str(high), condition)
    return info.kind is not FieldKind.NUMBER or _number_within(low, high, condition)


def _number_within(low: float, high: float, condition: Condition) -> bool:
    match condition:
        case Compared(sign="=", number=number):
            return low <= number <= high
        case Compared(sign="<" | "<=", number=number):
            return low < number or (condition.sign == "<=" and low == number)
        case Compared(number=number):
            return high > number or (condition.sign == ">=" and high == number)
        case Equals(text=text):
            wanted = number_of(text)
            return wanted is not None and low <= wanted <= high
        case OneOf(values=values):
            numbers = [v if isinstance(v, float) else number_of(v) for v in values]
            return any(n is not None and low <= n <= high for n in numbers)
        case _:
            return True


def _text_within(low: str, high: str, condition: Condition) -> bool:
    """A text that reads as a number equals others, such as 1.0 and 1e0."""
    match condition:
        case Equals(text=text):
            values: Sequence[str | float] = [text]
        case OneOf(values=values):
            pass
        case _:
            return True
    return any(
        isinstance(value, float) or number_of(value) is not None or low <= value <= high
        for value in values
    )


def _lacks(segment: LogSegment, condition: Condition) -> bool:
    """Whether no message of a segment holds a word that the condition asks for."""
    if not isinstance(condition, Contains) or condition.field != "@message":
        return False
    return segment.facts.known.lacks(condition.literal)


def _holding(
    logs: LogReader, segments: Sequence[LogSegment], conditions: Sequence[Condition]
) -> list[LogSegment]:
    found = logs.holding(segments, _keys(conditions))
    for condition in conditions:
        if isinstance(condition, OneOf) and len(condition.values) <= MOST_VALUES:
            found = _holding_one(logs, found, condition)
    return found


def _holding_one(
    logs: LogReader, segments: Sequence[LogSegment], condition: OneOf
) -> list[LogSegment]:
    """Segments that may hold one of the values; all of them if one value has no id in it."""
    keys = [
        _keys([Equals(condition.field, v)]) if isinstance(v, str) else _keys([])
        for v in condition.values
    ]
    if not all(len(each) for each in keys):
        return list(segments)
    there = {s.segment.id for each in keys for s in logs.holding(segments, each)}
    return [s for s in segments if s.segment.id in there]


def _keys(conditions: Sequence[Condition]) -> Keys:
    """What must stand in a message, or in the name of a stream, if all conditions are true."""
    found = [np.empty(0, dtype=np.uint64)]
    for condition in conditions:
        field = condition.field
        of_message = field == "@message"
        if field in SYSTEM and not of_message and field != "@logStream":
            continue
        if isinstance(condition, Contains) and _as_written(field, condition.literal):
            found.append(keys_inside(condition.literal, of_message=of_message))
        elif isinstance(condition, Equals) and _as_written(field, condition.text):
            found.append(keys_of_equal(condition.text, of_message=of_message))
    return np.unique(np.concatenate(found))


def _as_written(field: str, text: str) -> bool:
    """Whether a field that holds the text stands so in the message: 1e3 is 1000 as well."""
    return field in SYSTEM or not _MAY_BE_NUMBER.fullmatch(text)


def _skipped(why: str, before: Sequence[LogSegment], after: Sequence[LogSegment]) -> Skipped:
    there = {s.segment.id for s in after}
    left = [s for s in before if s.segment.id not in there]
    return Skipped(why, len(left), sum(s.rows for s in left), sum(s.raw_bytes for s in left))
