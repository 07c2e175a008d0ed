"""Alarms that cost attention or give none: flapping, always firing, blind, silent, never firing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from statistics import median

from app.model import written
from app.model.alarms import Transition
from app.model.ids import Place
from app.model.readings import Look, Reading
from app.model.states import AlarmState, Health
from app.model.time import Window
from app.read.alarm_book import AlarmNow, by_alarm, firing_windows
from app.read.alarm_titles import full_title
from app.read.books import Books
from app.read.scope import Scope

SPAN = timedelta(days=30)
FLAPS, FLAPS_WITHIN = 4, timedelta(hours=6)
"""So many times into ALARM within this time is flapping."""
STUCK = timedelta(days=2)
BLIND = timedelta(days=1)
SETTLED = timedelta(days=7)
"""An alarm that is younger has not had the time to fire."""
MOST_TRANSITIONS = 50_000
CHANGED = "AlarmConfigurationUpdatedTimestamp"


class Noise(StrEnum):
    """What is wrong with an alarm, in order of the trouble that it makes."""

    FLAPPING = "flapping"
    ALWAYS = "always"
    NO_DATA = "no_data"
    NO_ACTION = "no_action"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class NoiseRow:
    """One alarm with what is wrong, and how often it fired within :data:`SPAN`."""

    id: str
    title: str
    place: Place
    health: Health
    noises: tuple[Noise, ...]
    why: str
    remedy: str
    fired: int
    typical: timedelta | None
    firing: timedelta
    last: datetime | None


@dataclass(frozen=True, slots=True)
class NoiseReport:
    """All alarms that something is wrong with; ``told`` are those into ALARM of all alarms."""

    rows: tuple[NoiseRow, ...]
    alarms: int
    told: int

    def count(self, noise: Noise) -> int:
        return sum(noise in row.noises for row in self.rows)


class NoiseReader:
    """Answers which alarms are worth a second look."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def report(self, scope: Scope) -> Reading[NoiseReport]:
        """The alarms of the places, the worst first."""
        alarms = self._books.alarms(scope.places, scope.now)
        window = Window(scope.now - SPAN, scope.now)
        ledger = self._books.store.ledger
        changes = by_alarm(ledger.transitions(window=window, limit=MOST_TRANSITIONS, brief=True))
        seen = [_Seen.of(alarm, changes.get(alarm.definition.id, []), window) for alarm in alarms]
        rows = [row for each in seen if (row := self._row(each, scope.now)) is not None]
        rows.sort(key=lambda row: (list(Noise).index(row.noises[0]), -row.fired, row.title))
        report = NoiseReport(tuple(rows), len(alarms), sum(len(each.fired) for each in seen))
        newest = max((a.status.updated for a in alarms if a.status), default=None)
        return Reading(report, Look.DATA if alarms else Look.NOTHING, newest)

    def _row(self, seen: _Seen, now: datetime) -> NoiseRow | None:
        found = list(_noises(seen, now))
        if not found:
            return None
        resource = self._books.resources().get(seen.alarm.definition.resource)
        lengths = [part.length for part in seen.windows]
        seconds = [length.total_seconds() for length in lengths]
        return NoiseRow(
            id=seen.alarm.definition.id,
            title=full_title(seen.alarm, resource),
            place=seen.alarm.definition.place,
            health=seen.alarm.health,
            noises=tuple(each for each, _ in found),
            why=" ".join(text for _, text in found),
            remedy=_REMEDIES[found[0][0]],
            fired=len(seen.fired),
            typical=timedelta(seconds=median(seconds)) if seconds else None,
            firing=sum(lengths, timedelta()),
            last=max(seen.fired, default=None),
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    """An alarm with the moments at which it fired and the stretches that it stood in ALARM."""

    alarm: AlarmNow
    fired: tuple[datetime, ...]
    windows: tuple[Window, ...]

    @classmethod
    def of(cls, alarm: AlarmNow, changes: Sequence[Transition], window: Window) -> _Seen:
        fired = tuple(sorted(t.at for t in changes if t.new is AlarmState.ALARM))
        return cls(alarm, fired, tuple(firing_windows(alarm, changes, window)))


_REMEDIES = {
    Noise.FLAPPING: "Ask for more points (M of N), or move the threshold out of the usual.",
    Noise.ALWAYS: "Mend what it watches, or move the threshold: nobody reads it any more.",
    Noise.NO_DATA: "Is the resource gone, or its metric off? Else choose how missing data counts.",
    Noise.NO_ACTION: "Name a channel, or remove the alarm.",
    Noise.NEVER: "Is the threshold out of reach? The alarm's page shows how near it came.",
}


def _noises(seen: _Seen, now: datetime) -> Iterator[tuple[Noise, str]]:
    status, definition = seen.alarm.status, seen.alarm.definition
    since = now - status.since if status else timedelta()
    most = _most_within(seen.fired, FLAPS_WITHIN)
    if most >= FLAPS:
        yield Noise.FLAPPING, f"Fired {most} times within {written.length(FLAPS_WITHIN)}."
    if seen.alarm.state is AlarmState.ALARM and since >= STUCK:
        yield Noise.ALWAYS, f"In ALARM for {written.length(since)}."
    if status and seen.alarm.state is AlarmState.INSUFFICIENT_DATA and since >= BLIND:
        yield Noise.NO_DATA, status.problem or f"No data for {written.length(since)}."
    told = definition.channels or definition.put.get("AlarmActions")
    if not told or definition.put.get("ActionsEnabled") is False:
        yield Noise.NO_ACTION, "Nobody is told."
    age = now - (changed_at(definition.put.get(CHANGED)) or now)
    quiet = not seen.fired and seen.alarm.state is AlarmState.OK
    if quiet and age >= SETTLED:
        yield Noise.NEVER, f"Has not fired for {written.length(min(age, SPAN))}."


def _most_within(moments: Sequence[datetime], span: timedelta) -> int:
    """The greatest number of moments in any stretch of ``span``."""
    most, first = 0, 0
    for last, moment in enumerate(moments):
        while moment - moments[first] > span:
            first += 1
        most = max(most, last - first + 1)
    return most


def changed_at(text: object) -> datetime | None:
    """The time of an alarm's last change, as DescribeAlarms writes it."""
    try:
        return datetime.fromisoformat(str(text).replace("+0000", "+00:00")).astimezone(UTC)
    except ValueError:
        return None
