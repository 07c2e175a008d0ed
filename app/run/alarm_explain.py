"""``watchdeck alarms explain``: any decision of an alarm, replayed from the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alerts.explain import Explanation, Looked, Replay, Replayer, marks_line
from alerts.verdict.decide import Mark
from alerts.verdict.numbers import double
from app.catalogue import load_catalogue
from app.config import Settings
from app.read.logs import LogsReader, limits_of
from app.read.moments import moment
from app.run import show
from app.run.clock import utc_now
from app.run.report_alarms import named
from app.run.report_store import opened

MARKS = {Mark.GOOD: "good", Mark.BREACHING: "breaching", Mark.MISSING: "missing"}


def explain(settings: Settings, name: str, at: str, *, json: bool) -> None:
    """Tell the slots, the points in them, and the step that decided."""
    when = moment(at, utc_now(), "--at")
    with opened(settings) as store:
        definition = named(store.ledger.definitions(), name)
        replayer = Replayer(
            store,
            load_catalogue(settings.catalogue.extras),
            settings.alarms.unusual_stretches,
            LogsReader(store, limits_of(settings.queries)),
        )
        found = replayer.replay(definition, when)
    if json:
        show.as_json({**_plain(found), "at": when})
        return
    show.lines([f"{definition.id} at {_at(when)}", *_standing(found), ""])
    if found.problem:
        show.lines([f"It cannot be judged: {found.problem}"])
    elif found.children is not None:
        show.lines(_composite(found))
    elif found.series is not None:
        show.lines([f"Judged again: {found.series.state}. {found.series.reason}"])
        show.lines([f"  {line}" for line in found.series.lines])
    elif found.explanation is not None:
        _decision(found, found.explanation)


def _standing(found: Replay) -> list[str]:
    change = found.recorded
    if change is None:
        return [f"stands in {found.standing}; no change was recorded just then"]
    return [f"{change.old} -> {change.new} was recorded at {_at(change.at)}", f"  {change.reason}"]


def _decision(found: Replay, told: Explanation) -> None:
    rows = [_row(each) for each in told.slots]
    show.table(("slot", "value", "samples", "", ""), rows, empty="")
    again = "" if told.state is found.standing else ", which is not what is on record"
    show.lines(
        [
            "",
            marks_line(told.slots),
            *told.steps,
            f"Judged again on data up to {_at(told.at)}: {told.state}{again}.",
            told.reason,
            *_notes(found),
        ]
    )


def _row(each: Looked) -> Sequence[str]:
    return (
        f"{each.start:%Y-%m-%d %H:%M:%S}",
        "-" if each.value is None else double(each.value),
        "-" if each.samples is None else f"{each.samples:g}",
        MARKS[each.mark],
        "counts" if each.counts else "",
    )


def _notes(found: Replay) -> list[str]:
    notes = [
        f"  {_at(each.at)}: {_value(each.then)} then, {_value(each.now)} now"
        for each in found.differs
    ]
    if notes:
        notes.insert(0, "Points came or changed after the decision:")
    if not found.answered:
        notes.append("AWS has not answered for all of this time; the engine keeps the state then.")
    return notes


def _composite(found: Replay) -> list[str]:
    rule = str(found.definition.put["AlarmRule"])
    lines = [f"rule {rule}", ""]
    for name, state in (found.children or {}).items():
        lines.append(f"  {state:<18} {name}{'  decides' if name in found.deciding else ''}")
    return lines


def _value(value: float | None) -> str:
    return "no point" if value is None else double(value)


def _at(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S} UTC"


def _plain(found: Replay) -> dict[str, object]:
    told = found.explanation
    return {
        "alarm": found.definition.id,
        "standing": found.standing,
        "recorded": found.recorded,
        "explanation": None
        if told is None
        else {
            "at": told.at,
            "previous": told.previous,
            "state": told.state,
            "why": told.why,
            "steps": told.steps,
            "reason": told.reason,
            "marks": marks_line(told.slots),
            "slots": [{**show.plain(s), "mark": MARKS[s.mark]} for s in told.slots],
        },
        "differs": found.differs,
        "children": found.children,
        "deciding": found.deciding,
        "series": found.series,
        "answered": found.answered,
        "problem": found.problem,
    }
