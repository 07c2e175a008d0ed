"""``watchdeck spend ask``: the explorer's questions on the command line."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from app.config import Settings
from app.model.errors import ConfigError
from app.model.readings import Reading
from app.model.spend import CostCategory, CostMetric, Dimension, SpendDimension, Tag
from app.model.time import Window
from app.read.moments import moment
from app.read.spend import (
    Granularity,
    SpendAnswer,
    SpendFilter,
    SpendQuestion,
    SpendReader,
    SpendRow,
)
from app.run.clock import utc_now
from app.run.exits import Exit
from app.run.report_query import Cell, Format, write
from app.run.report_store import opened

DAY = timedelta(days=1)
USUAL, USUAL_HOURLY = "30d", "7d"
T = TypeVar("T", CostMetric, Granularity)
REST = "other ({:,})"
MOST_NAMED = 5
_NAMES = {d.value.lower().replace("_", "-"): d for d in SpendDimension} | {
    "account": SpendDimension.LINKED_ACCOUNT
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in words of the command line."""

    by: tuple[str, ...]
    where: tuple[str, ...]
    since: str | None
    until: str | None
    each: str | None
    metric: str
    top: int
    as_of: str | None

    def question(self, now: datetime, accounts: Mapping[str, str]) -> SpendQuestion:
        """The question that they mean; ConfigError where they mean none.

        ``accounts`` are ids by the names of the settings, which filters may use.
        """
        each = _one_of(Granularity, self.each or Granularity.MONTH, "--each")
        usual = USUAL_HOURLY if each is Granularity.HOUR else USUAL
        start = moment(self.since or usual, now, "--since")
        end = now if self.until is None else moment(self.until, now, "--until")
        _check_window(start, end, now)
        group = tuple(_dimension(text, "--by") for text in self.by)
        if len(group) > 2:
            raise ConfigError("--by: spend is split by two things at most")
        if len(set(group)) < len(group):
            raise ConfigError(f"--by {self.by[0]} and {self.by[1]} are the same; give it once")
        return SpendQuestion(
            Window(start, end).aligned(DAY),
            metric=_one_of(CostMetric, self.metric, "--metric"),
            group=group,
            where=tuple(_filters(self.where, accounts)),
            granularity=each,
            as_of=None if self.as_of is None else moment(self.as_of, now, "--as-of"),
            top=self.top,
        )


def ask(settings: Settings, asked: Asked, form: Format, output: Path | None) -> int:
    """Answer from the store."""
    now = utc_now()
    question = asked.question(now, {one.name: one.id for one in settings.accounts})
    with opened(settings) as store:
        reader = SpendReader(store)
        reading = reader.ask(question, now)
        answer = reading.value
        unknown = list(_unknown(reader, answer, now))
    for said in (*_failed(reading), *([answer.why_not] if answer.why_not else [])):
        sys.stderr.write(f"watchdeck: {said}\n")
    if answer.why_not:
        return Exit.FAILED
    names = [text.removeprefix("tag:") for text in asked.by]
    columns = [*([str(asked.each)] if asked.each else []), *names, "usd"]
    cells = list(_cells(answer, by_slot=asked.each is not None))
    if cells or form is not Format.TABLE:
        write(columns, cells, form, output)
    for said in (*_said(answer), *unknown):
        sys.stderr.write(f"watchdeck: {said}\n")
    return Exit.OK


def _check_window(start: datetime, end: datetime, now: datetime) -> None:
    if start > now:
        raise ConfigError("--since lies in the future; there is no bill yet")
    if end == start:
        raise ConfigError("--until is the first day that is left out; name a later one")
    if end < start:
        raise ConfigError("--until lies before --since; swap the two")


def _failed(reading: Reading[SpendAnswer]) -> Iterator[str]:
    """What went wrong when charges were read last; the answer may be older than it could be."""
    problem = reading.problem
    if problem is not None:
        why = problem.message or problem.result.value
        yield f"charges could not be read on {problem.finished:%Y-%m-%d %H:%M} UTC: {why}"


def _unknown(reader: SpendReader, answer: SpendAnswer, now: datetime) -> Iterator[str]:
    """A mistyped value of a filter is not the same as a charge of nothing."""
    question = answer.question
    for one in question.where if answer.slots else ():
        all_ = replace(question, group=(one.dimension,), where=(), granularity=Granularity.MONTH)
        known = [row.key[0] for row in reader.ask(replace(all_, top=None), now).value.rows]
        for value in one.values:
            if known and value not in known:
                named = ", ".join(repr(each) for each in _likely(value, known))
                yield f"no charge of these days has {value!r}; there are {named}"


def _likely(value: str, known: Sequence[str]) -> Sequence[str]:
    """Known values that look like it, else the dearest."""
    plain = {each.lower(): each for each in known}
    alike = [each for each in known if value and value.lower() in each.lower()]
    close = get_close_matches(value.lower(), plain, MOST_NAMED)
    return (alike or [plain[each] for each in close] or known)[:MOST_NAMED]


def _cells(answer: SpendAnswer, *, by_slot: bool) -> Iterator[list[Cell]]:
    rows = list(answer.rows)
    if answer.rest is not None:
        rest = answer.rest
        named = (REST.format(answer.of_rest), *rest.key[1:])
        rows.append(SpendRow(named, rest.amounts, rest.total))
    for row in rows:
        if not by_slot:
            yield [*row.key, _plain(row.total)]
            continue
        for slot, amount in zip(answer.slots, row.amounts, strict=True):
            if amount is not None:
                yield [_named(slot, answer.question.granularity), *row.key, _plain(amount)]


def _named(slot: datetime, granularity: Granularity) -> str:
    by_hour = granularity is Granularity.HOUR
    return f"{slot:%Y-%m-%dT%H:%MZ}" if by_hour else slot.date().isoformat()


def _said(answer: SpendAnswer) -> Iterator[str]:
    metric = answer.question.metric.value.replace("_", " ")
    read = f"{answer.read_at:%Y-%m-%d %H:%M} UTC" if answer.read_at else "never"
    sources = ", ".join(source.value.upper() for source in answer.sources)
    yield f"{answer.total:,.2f} USD {metric}, from {sources}, read {read}"
    if answer.estimated_from is not None:
        yield f"from {answer.estimated_from:%Y-%m-%d} on amounts may still change"
    for day in answer.filling:
        first, last = (f"{at:%Y-%m-%d}" for at in (day.start, day.end - DAY))
        days = first if first == last else f"{first} to {last}"
        yield f"the bill of {days} was still filling when it was read"
    yield from answer.warnings
    for gap in answer.missing:
        yield f"nothing is collected from {gap.start:%Y-%m-%d} to {gap.end:%Y-%m-%d}"


def _plain(amount: object) -> str:
    """All digits, without an exponent and without zeros at the end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _filters(texts: tuple[str, ...], accounts: Mapping[str, str]) -> Iterator[SpendFilter]:
    """One filter for each thing that is named; values of one thing are alternatives."""
    found: dict[tuple[str, bool], list[str]] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"--where {text}: write NAME=VALUE, or NAME!=VALUE to leave it out")
        exclude = name.endswith("!")
        found.setdefault((name.removesuffix("!"), exclude), []).append(value)
    for (name, exclude), values in found.items():
        dimension = _dimension(name, "--where")
        if dimension is SpendDimension.LINKED_ACCOUNT:
            values = [accounts.get(value, value) for value in values]
        yield SpendFilter(dimension, tuple(values), exclude)


def _dimension(text: str, option: str) -> Dimension:
    if text.startswith("tag:"):
        return Tag(text.removeprefix("tag:"))
    if text.startswith("category:"):
        return CostCategory(text.removeprefix("category:"))
    found = _NAMES.get(text.lower().replace("_", "-"))
    if found is None:
        known = ", ".join(sorted(_NAMES))
        raise ConfigError(
            f"{option} {text}: there is no such thing; known are {known}, tag:KEY, category:NAME"
        )
    return found


def _one_of(kind: type[T], text: str, option: str) -> T:
    try:
        return kind(text)
    except ValueError:
        raise ConfigError(f"{option} {text}: known are {', '.join(kind)}") from None
