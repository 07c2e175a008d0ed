"""``watchdeck alarms backtest``: what an alarm would have done, and what a changed one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import yaml

from alerts.rehearse import Change, Comparison, Episode, Rehearsal, Rehearser, compare
from app.catalogue import load_catalogue
from app.config import Settings
from app.config.mistakes import suggestion
from app.model import written
from app.model.alarms import AlarmDefinition
from app.model.errors import ConfigError
from app.model.time import Window
from app.read.logs import LogsReader, limits_of
from app.read.moments import moment
from app.run import show
from app.run.alarm_files import CHANGEABLE, alarm_of
from app.run.clock import utc_now
from app.run.report_alarms import named
from app.run.report_store import opened

SPAN = "14d"
SHOWN = 40
"""Changes and episodes that are told one by one; ``--json`` tells all."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which alarm, with which fields otherwise or as which file, over which time."""

    name: str | None
    changes: Sequence[str] = ()
    file: str | None = None
    place: str | None = None
    since: str = SPAN
    until: str = "now"


def backtest(settings: Settings, question: Question, *, json: bool) -> None:
    """Rehearse an alarm; where something is changed, both versions side by side."""
    now = utc_now()
    start = moment(question.since, now, "--since")
    end = moment(question.until, now, "--until")
    if end <= start:
        raise ConfigError("--until lies before --since; swap the two")
    with opened(settings) as store:
        versions = _versions(settings, question, store.ledger.definitions())
        rehearser = Rehearser(
            store,
            load_catalogue(settings.catalogue.extras),
            settings.alarms.unusual_stretches,
            LogsReader(store, limits_of(settings.queries)),
        )
        found = [rehearser.rehearse(each, Window(start, end)) for each in versions]
    beside = compare(*found) if len(found) == 2 else None
    if json:
        show.as_json({"rehearsals": [_plain(each) for each in found], "comparison": beside})
        return
    _tell(versions[0].name, found, beside)


def _versions(
    settings: Settings, question: Question, known: Sequence[AlarmDefinition]
) -> list[AlarmDefinition]:
    """The alarm as it is, if it is, and as it would be, if that is something else."""
    versions = [named(known, question.name)] if question.name else []
    if question.file:
        versions.append(alarm_of(settings, question.file, question.place, versions))
    if not versions:
        raise ConfigError("name an alarm, or a file that holds one with --file")
    if question.changes:
        last = versions[-1]
        versions.append(replace(last, put={**last.put, **_changed(question.changes)}))
    return [versions[0], versions[-1]] if len(versions) > 1 else versions


def _changed(written_: Sequence[str]) -> dict[str, Any]:
    """``Threshold=90`` as fields of PutMetricAlarm."""
    fields: dict[str, Any] = {}
    for text in written_:
        name, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"--set {text}: write FIELD=VALUE, as in Threshold=90")
        if name not in CHANGEABLE:
            told = suggestion(name, CHANGEABLE)
            raise ConfigError(f"--set {text}: an alarm has no field `{name}`; {told}")
        fields[name] = yaml.safe_load(value)
    return fields


def _tell(name: str, found: Sequence[Rehearsal], beside: Comparison | None) -> None:
    window = found[0].window
    span = f"{window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} UTC"
    show.lines([f"{name}, {span}", ""])
    columns = ("", "as it is", "changed") if beside else ("", "")
    show.table(columns, _rows(found), empty="")
    problems = [f"{label}: {each.problem}" for label, each in _labelled(found) if each.problem]
    show.lines([""] * bool(problems) + problems)
    if beside is None:
        show.lines(["", *_steps(found[0].changes)])
        return
    show.lines(["", *_differences(beside)])


def _rows(found: Sequence[Rehearsal]) -> list[list[str]]:
    changed = [
        field for field in CHANGEABLE if len({str(each.put.get(field, "-")) for each in found}) > 1
    ]
    facts = {
        "judged every": [written.length(each.every) for each in found],
        "pages": [str(each.pages) for each in found],
        "pages per week": [_rate(each.pages_per_week) for each in found],
        "time in ALARM": [_length(each.in_alarm) for each in found],
        "state at the end": [each.state.value for each in found],
        "could not ask": [_length(each.unasked) for each in found],
    }
    fields = {field: [str(each.put.get(field, "-")) for each in found] for field in changed}
    return [[name, *values] for name, values in {**fields, **facts}.items()]


def _labelled(found: Sequence[Rehearsal]) -> list[tuple[str, Rehearsal]]:
    labels = ("as it is", "changed") if len(found) > 1 else ("note",)
    return list(zip(labels, found, strict=True))


def _steps(changes: Sequence[Change]) -> list[str]:
    if not changes:
        return ["It would not have changed its state."]
    told = [f"{c.at:%Y-%m-%d %H:%M} UTC  {c.old} -> {c.new}\n    {c.reason}" for c in changes]
    return [*told[:SHOWN], *_more(len(told))]


def _differences(beside: Comparison) -> list[str]:
    told = [f"raised by both: {len(beside.both)}"]
    if beside.later:
        when = "later" if beside.later > timedelta() else "earlier"
        told[0] += f", the changed one {_length(abs(beside.later))} {when} in the median"
    for label, episodes in (
        ("only as it is", beside.only_first),
        ("only changed", beside.only_second),
    ):
        told += [f"{label}: {len(episodes)}", *map(_episode, episodes[:SHOWN])]
        told += _more(len(episodes))
    return told


def _episode(episode: Episode) -> str:
    lasted = _length(episode.window.length) if episode.ended else "to the end"
    return f"  {episode.window.start:%Y-%m-%d %H:%M} UTC, {lasted}"


def _more(count: int) -> list[str]:
    return [f"  and {count - SHOWN} more; --json tells all"] if count > SHOWN else []


def _rate(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.1f}"


def _length(span: timedelta) -> str:
    return written.length(span) if span else "none"


def _plain(rehearsal: Rehearsal) -> Mapping[str, Any]:
    return {
        "put": rehearsal.put,
        "window": rehearsal.window,
        "every": rehearsal.every,
        "pages": rehearsal.pages,
        "pages_per_week": rehearsal.pages_per_week,
        "in_alarm": rehearsal.in_alarm,
        "unasked": rehearsal.unasked,
        "state": rehearsal.state,
        "changes": rehearsal.changes,
        "problem": rehearsal.problem,
    }
