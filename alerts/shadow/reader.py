"""Asks the store how the accounts' own alarms stand in AWS and here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from alerts.points import read
from alerts.shadow.compare import GRACE, Agreement, Compared, compared, points_of
from alerts.shadow.history import Lone, lone_changes
from app.catalogue import Catalogue
from app.model.account_alarms import AccountAlarm
from app.model.alarms import AlarmDefinition, Origin
from app.model.time import Window
from app.model.watching import MINUTE, inputs
from app.store import Store

MOST = 10_000


@dataclass(frozen=True, slots=True)
class Report:
    """Every alarm that was compared, and the changes of the past that only one side made."""

    window: Window
    compared: tuple[Compared, ...]
    lone: tuple[Lone, ...]

    def count(self, agreement: Agreement) -> int:
        return sum(each.agreement is agreement for each in self.compared)


def report(store: Store, catalogue: Catalogue, window: Window) -> Report:
    """How AWS and we agree now, and over ``window``."""
    alarms = store.account_alarms.find()
    statuses = store.ledger.statuses()
    defined = {each.id: each for each in store.ledger.definitions()}
    found = []
    for alarm in alarms:
        status, definition = statuses.get(alarm.id), defined.get(alarm.id)
        differs = status is not None and status.state is not alarm.state
        stored = _stored(store, catalogue, alarm, definition) if differs and definition else {}
        found.append(compared(alarm, status, stored))
    return Report(window, tuple(found), tuple(_lone(store, defined, window)))


def _lone(store: Store, defined: dict[str, AlarmDefinition], window: Window) -> list[Lone]:
    """Only what both could have seen: since the alarm was first described, and judged here."""
    changes = store.account_alarms.changes(window, MOST)
    ours = store.ledger.transitions(window=window, limit=MOST, brief=True)
    both = {id_ for id_, each in defined.items() if each.origin is Origin.ACCOUNT}
    both |= {each.alarm for each in changes}
    begun = {t.alarm: t.at for t in reversed(ours)}
    settled = window.end - GRACE
    return lone_changes(
        [c for c in changes if c.alarm in begun and begun[c.alarm] <= c.at < settled],
        [t for t in ours if t.alarm in both and begun[t.alarm] < t.at < settled],
        GRACE,
    )


def _stored(
    store: Store, catalogue: Catalogue, alarm: AccountAlarm, definition: AlarmDefinition
) -> dict[datetime, float | None]:
    """What is stored for the slots that AWS names; nothing where the alarm has no metric."""
    own, times = inputs(definition), sorted(points_of(alarm.reason_data))
    if len(own) != 1 or not times:
        return {}
    watched = own[0]
    known = catalogue.metric(watched.key.namespace, watched.key.metric)
    step = watched.stored(known.period if known else MINUTE)
    series = store.series.ids([watched.key])
    found: dict[datetime, float | None] = {}
    for at in times:
        start = int(at.timestamp())
        if not series[0] or start % step:
            found[at] = None
            continue
        slots = [(start, start + watched.period)]
        value = read(store, series, slots, step, [watched.statistic]).statistic(watched.statistic)
        found[at] = None if np.isnan(value[0, 0]) else float(value[0, 0])
    return found
