"""``watchdeck spend ask``: the explorer's questions on the command line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from app.config import Settings
from app.model.errors import ConfigError
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

    def question(self, now: datetime) -> SpendQuestion:
        """The question that they mean; ConfigError where they mean none."""
        each = _one_of(Granularity, self.each or Granularity.MONTH, "--each")
        usual = USUAL_HOURLY if each is Granularity.HOUR else USUAL
        start = moment(self.since or usual, now, "--since")
        end = now if self.until is None else moment(self.until, now, "--until")
        if end <= start:
            raise ConfigError("--until lies before --since; swap the two")
        if len(self.by) > 2:
            raise ConfigError("--by: spend is split by two things at most")
        return SpendQuestion(
            Window(start, end).aligned(DAY),
            metric=_one_of(CostMetric, self.metric, "--metric"),
            group=tuple(_dimension(text, "--by") for text in self.by),
            where=tuple(_filters(self.where)),
            granularity=each,
            as_of=None if self.as_of is None else moment(self.as_of, now, "--as-of"),
            top=self.top,
        )


def ask(settings: Settings, asked: Asked, form: Format, output: Path | None) -> int:
    """Answer from the store."""
    now = utc_now()
    question = asked.question(now)
    with opened(settings) as store:
        answer = SpendReader(store).ask(question, now).value
    if answer.why_not:
        sys.stderr.write(f"watchdeck: {answer.why_not}\n")
        return Exit.FAILED
    names = [text.removeprefix("tag:") for text in asked.by]
    columns = [*([str(asked.each)] if asked.each else []), *names, "usd"]
    write(columns, list(_cells(answer, by_slot=asked.each is not None)), form, output)
    for said in _said(answer):
        sys.stderr.write(f"watchdeck: {said}\n")
    return Exit.OK


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
    yield from answer.warnings
    for gap in answer.missing:
        yield f"nothing is collected from {gap.start:%Y-%m-%d} to {gap.end:%Y-%m-%d}"


def _plain(amount: object) -> str:
    """All digits, without an exponent and without zeros at the end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _filters(texts: tuple[str, ...]) -> Iterator[SpendFilter]:
    """One filter for each thing that is named; values of one thing are alternatives."""
    found: dict[tuple[str, bool], list[str]] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"--where {text}: write NAME=VALUE, or NAME!=VALUE to leave it out")
        exclude = name.endswith("!")
        found.setdefault((name.removesuffix("!"), exclude), []).append(value)
    for (name, exclude), values in found.items():
        yield SpendFilter(_dimension(name, "--where"), tuple(values), exclude)


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
