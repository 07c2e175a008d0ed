"""Alarms that people write: the newest version holds, all of them stay."""

from __future__ import annotations

from dataclasses import replace

from app.model.alarms import Severity
from app.model.own_alarms import Version
from app.store import Store
from tests.store.samples import HOUR, NOW, PROD

ID = f"{PROD}/late"
FIRST = Version(ID, {"AlarmName": "late", "Threshold": 5.0}, NOW, "ada", "they were late")
SECOND = replace(
    FIRST, put={"AlarmName": "late", "Threshold": 9.0}, at=NOW + HOUR, author="bob",
    severity=Severity.WARNING, channels=("ops",),
)  # fmt: skip
REMOVED = Version(ID, None, NOW + 2 * HOUR, "bob", "no longer")


def test_the_newest_version_of_an_alarm_holds(store: Store) -> None:
    assert (store.own_alarms.newest(), store.own_alarms.standing()) == (0, [])
    store.own_alarms.add(FIRST)
    kept = store.own_alarms.add(SECOND)
    assert store.own_alarms.standing() == [kept]
    assert (store.own_alarms.newest(), kept.place) == (kept.id, PROD)


def test_a_removed_alarm_stands_no_more_but_stays_on_record(store: Store) -> None:
    for version in (FIRST, SECOND, REMOVED):
        store.own_alarms.add(version)
    assert store.own_alarms.standing() == []
    assert [replace(each, id=0) for each in store.own_alarms.history(ID)] == [
        REMOVED, SECOND, FIRST,
    ]  # fmt: skip


def test_a_version_counts_as_a_change_of_the_ledger(store: Store) -> None:
    before = store.ledger.version
    store.own_alarms.add(FIRST)
    assert store.ledger.version > before
