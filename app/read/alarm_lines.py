"""Lines of what alarms watch, whatever their kind; a composite watches nothing itself."""

from __future__ import annotations

from collections.abc import Sequence

from app.model.lines import Line, Values
from app.model.time import Window
from app.read.alarm_book import AlarmNow
from app.read.alarm_subject import is_computed, name, period_s
from app.read.alarm_words import statistic
from app.read.computed import values_of
from app.read.groups import Groups
from app.read.sheet import load
from app.read.slots import Slots
from app.store import Store


def lines_of(store: Store, alarms: Sequence[AlarmNow], window: Window) -> dict[str, Line]:
    """The line of each alarm at its own period, by id."""
    by_period: dict[int, list[AlarmNow]] = {}
    for alarm in alarms:
        by_period.setdefault(period_s(alarm.definition.put), []).append(alarm)
    lines: dict[str, Line] = {}
    for period, several in by_period.items():
        lines |= drawn(store, several, Slots.over(window, max(60, period)))
    return lines


def drawn(store: Store, alarms: Sequence[AlarmNow], slots: Slots) -> dict[str, Line]:
    """The line of each alarm in these slots, by id."""
    plain = [alarm for alarm in alarms if not is_computed(alarm.definition.put)]
    computed = [alarm for alarm in alarms if is_computed(alarm.definition.put)]
    values = _of_series(store, plain, slots)
    values |= values_of(store, [alarm.definition for alarm in computed], slots)
    return {each.definition.id: _line(each, values[each.definition.id], slots) for each in alarms}


def _of_series(store: Store, alarms: Sequence[AlarmNow], slots: Slots) -> dict[str, Values]:
    """The values of each alarm's own series and statistic."""
    ids = store.series.ids([alarm.defined.key for alarm in alarms])
    by_statistic: dict[str, list[int]] = {}
    for at, alarm in enumerate(alarms):
        by_statistic.setdefault(statistic(alarm.definition.put), []).append(at)
    sheet = load(store, {each: ids[rows] for each, rows in by_statistic.items()}, slots)
    values: dict[str, Values] = {}
    for each, rows in by_statistic.items():
        matrix = sheet.pooled(Groups.each(ids[rows]), each)
        values |= {alarms[at].definition.id: own for at, own in zip(rows, matrix, strict=True)}
    return values


def _line(alarm: AlarmNow, values: Values, slots: Slots) -> Line:
    return Line(name(alarm.definition.put), slots.start, slots.step, values, alarm.defined.unit)
