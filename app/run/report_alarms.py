"""What ``alarms`` tells, from the same readers as the pages, so that a number is the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from app.catalogue import load_catalogue
from app.config import Settings
from app.config.mistakes import suggestion
from app.model import written
from app.model.errors import ConfigError
from app.model.states import AlarmState
from app.model.time import Window
from app.read import Reads, Scope
from app.read.alarms import AlarmDetail, AlarmRow
from app.run import show
from app.run.clock import utc_now
from app.run.report_store import opened

ORDER = (AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA, AlarmState.OK)
INDENT = " " * 7
SHORT = {AlarmState.ALARM: "ALARM", AlarmState.INSUFFICIENT_DATA: "?", AlarmState.OK: "OK"}


def alarms_list(settings: Settings, state: str | None, *, long: bool, json: bool) -> None:
    """Show alarms, firing ones first: two lines each, or three with ``long``."""
    if state is not None and state not in list(AlarmState):
        raise ConfigError(f"there is no state `{state}`; known are {', '.join(AlarmState)}")
    now = utc_now()
    with _reads(settings) as reads:
        found = reads.alarms.current(_scope(reads, now)).value
        rows = sorted(
            (row for row in found if state in (None, row.state)), key=lambda r: ORDER.index(r.state)
        )
        if json:
            show.as_json([_plain(row) for row in rows])
            return
        for row in rows:
            show.lines(_lines(row, reads, now, long=long))
        show.lines([_counted(rows)])


def alarms_show(settings: Settings, name: str, *, json: bool) -> None:
    """Show one alarm with its full reason and history."""
    now = utc_now()
    with _reads(settings) as reads:
        scope = _scope(reads, now)
        row = named(reads.alarms.current(scope).value, name)
        detail = reads.alarms.one(row.id, scope).value
        if detail is None:
            raise ConfigError(f"there is no alarm `{name}` any more")
        if json:
            show.as_json({**_plain(row), "put": detail.put, "history": detail.transitions})
            return
        show.lines(_lines(row, reads, now, long=False))
        show.definitions(_facts(detail))
        show.lines(["", "history", *(_step(t.at, t.old, t.new) for t in detail.transitions[:20])])


def _facts(detail: AlarmDetail) -> dict[str, object]:
    row = detail.row
    facts = {
        "id": row.id,
        "fires when": row.condition,
        "reason": row.reason,
        "problem": row.problem,
        "says": detail.says,
        "resource": row.resource,
        "told": ", ".join(row.channels) or "nobody",
        "silenced": row.silence.comment if row.silence else "",
    }
    return {name: value for name, value in facts.items() if value}


def _lines(row: AlarmRow, reads: Reads, now: datetime, *, long: bool) -> list[str]:
    where = reads.place_words(row.place)
    since = (
        f"since {row.since:%Y-%m-%d %H:%M} UTC ({written.ago(now - row.since)})"
        if row.since
        else ""
    )
    about = [where, row.name_of_resource, row.severity, since]
    value = "no value" if row.value is None else written.value(row.value, row.unit)
    why = row.problem or f"{value}; fires at {row.condition}"
    first = f"{SHORT[row.state]:<{len(INDENT)}}{row.name}"
    found = [first, INDENT + ", ".join(filter(None, about)), INDENT + why]
    return [*found, INDENT + row.id, INDENT + row.reason] if long else found


def _counted(rows: Sequence[AlarmRow]) -> str:
    if not rows:
        return "There are no such alarms."
    counts = ((state, sum(row.state is state for row in rows)) for state in ORDER)
    return ", ".join(f"{count} {state}" for state, count in counts if count)


def _step(at: datetime, old: AlarmState, new: AlarmState) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC  {old} -> {new}"


class _Named(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


Some = TypeVar("Some", bound=_Named)


def named(rows: Sequence[Some], name: str) -> Some:
    """The alarm of this id or name, or the only one whose name holds the text."""
    exact = [row for row in rows if name in (row.id, row.name)]
    found = exact or [row for row in rows if name.lower() in row.name.lower()]
    if len(found) == 1:
        return found[0]
    if found:
        several = "\n".join(f"  {row.id}" for row in found[:20])
        raise ConfigError(f"`{name}` may be several alarms; name one of these\n{several}")
    known = [row.name for row in rows]
    raise ConfigError(f"there is no alarm `{name}`; {_near(name, known)}")


def _near(name: str, known: Sequence[str]) -> str:
    told = suggestion(name, known)
    return told if told.startswith("did you") else "`watchdeck alarms list` shows all"


def _plain(row: AlarmRow) -> dict[str, Any]:
    left_out = {"line", "silence", "name_of_resource"}
    values = {name: getattr(row, name) for name in row.__dataclass_fields__ if name not in left_out}
    return {**values, "silence": asdict(row.silence) if row.silence else None}


def _scope(reads: Reads, now: datetime) -> Scope:
    return Scope(Window(now - timedelta(hours=3), now), reads.places, now)


@contextmanager
def _reads(settings: Settings) -> Iterator[Reads]:
    with opened(settings) as store:
        yield Reads(store, load_catalogue(settings.catalogue.extras), settings)
