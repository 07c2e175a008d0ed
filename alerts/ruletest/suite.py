"""The file of a rule test as checked values, each with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from alerts.ruletest.notation import points, words
from alerts.validation import problems
from app.config import ConfigMistakes
from app.config.accounts import Model
from app.config.load import validated
from app.config.source import Source, read
from app.config.values import Duration, parse_duration
from app.model.states import AlarmState

START = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday, at midnight."""

Alarm = Mapping[str, Any]


def _line(value: object) -> object:
    """A single number is a line too, although YAML reads it as a number."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _in_utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _checked(read_line: Callable[[str], object]) -> AfterValidator:
    """Lets a line through that can be read; ValueError says why another cannot."""

    def check(text: str) -> str:
        read_line(text)
        return text

    return AfterValidator(check)


Points = Annotated[str, BeforeValidator(_line), _checked(points)]
Words = Annotated[str, _checked(words)]


class BandLines(Model):
    """The bounds of an anomaly band, one value for each interval."""

    lower: Points = ""
    upper: Points = ""


class Expected(Model):
    """A state, and words that its reason must hold."""

    state: AlarmState
    reason: str = ""


def _short(value: object) -> object:
    return {"state": value} if isinstance(value, str) else value


class CaseSettings(Model):
    """One test: an alarm, its points, and the states that it must have at which time.

    ``series`` is one line, or a line for each Id of a metric of ``Metrics``; value ``i``
    stands for the interval that begins ``i`` intervals after ``start``. An interval shorter
    than the period holds single samples. ``children`` are for composites.
    """

    name: str = ""
    alarm: str | dict[str, Any]
    start: Annotated[datetime, AfterValidator(_in_utc)] = START
    interval: Duration | None = None
    state: AlarmState = AlarmState.INSUFFICIENT_DATA
    series: Points | dict[str, Points] = ""
    samples: Points = ""
    band: BandLines | None = None
    children: dict[str, Words] = Field(default_factory=dict)
    expect: dict[str, Annotated[Expected, BeforeValidator(_short)]] = Field(min_length=1)


class SuiteSettings(Model):
    """A whole file: alarms (files of alarms, or alarms themselves) and tests of them."""

    alarms: list[str | dict[str, Any]] = Field(default_factory=list)
    tests: list[CaseSettings] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Case:
    """One test, ready to be run; ``expect`` is by time since the start, the earliest first."""

    name: str
    line: int
    alarm: Alarm
    settings: CaseSettings
    expect: tuple[tuple[timedelta, Expected, int], ...]


@dataclass(frozen=True, slots=True)
class Suite:
    """All tests of a file."""

    path: Path
    cases: tuple[Case, ...]


def load_suite(path: Path, alarms_of: Callable[[Path], Sequence[Alarm]]) -> Suite:
    """The tests of a file; raises ConfigMistakes with everything wrong in it.

    ``alarms_of`` reads the alarms of a file that ``alarms`` names.
    """
    source = read(path)
    settings = validated(source, SuiteSettings)
    if settings is None:
        raise ConfigMistakes(source.mistakes)
    known = _known(settings, source, alarms_of)
    cases = [_case(each, i, known, source) for i, each in enumerate(settings.tests)]
    if source.mistakes:
        raise ConfigMistakes(source.mistakes)
    return Suite(path, tuple(case for case in cases if case is not None))


def _known(
    settings: SuiteSettings, source: Source, alarms_of: Callable[[Path], Sequence[Alarm]]
) -> dict[str, Alarm]:
    found: dict[str, Alarm] = {}
    for each in settings.alarms:
        alarms = [each] if isinstance(each, dict) else alarms_of(source.path.parent / each)
        found |= {str(alarm.get("AlarmName")): alarm for alarm in alarms}
    return found


def _case(
    settings: CaseSettings, position: int, known: Mapping[str, Alarm], source: Source
) -> Case | None:
    at = ("tests", position)
    alarm = known.get(settings.alarm) if isinstance(settings.alarm, str) else settings.alarm
    if alarm is None:
        names = ", ".join(known) or "none"
        source.wrong((*at, "alarm"), f"there is no alarm `{settings.alarm}`; known are {names}")
        return None
    if alarm.get("AlarmRule") is None:
        for problem in problems({"AlarmName": settings.name or "test", **alarm}):
            source.wrong((*at, "alarm"), f"AWS would refuse this alarm: {problem}")
    expect = sorted(_expected(settings, at, source), key=lambda each: each[0])
    name = settings.name or str(alarm.get("AlarmName") or f"test {position + 1}")
    return Case(name, source.line(at), alarm, settings, tuple(expect))


def _expected(
    settings: CaseSettings, at: tuple[str, int], source: Source
) -> Iterator[tuple[timedelta, Expected, int]]:
    for text, expected in settings.expect.items():
        here = (*at, "expect", text)
        try:
            yield parse_duration(text), expected, source.line(here)
        except ValueError as error:
            source.wrong(here, str(error))
