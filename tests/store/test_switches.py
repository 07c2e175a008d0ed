"""Choices for recommended alarms: the newest holds, all of them stay."""

from __future__ import annotations

from dataclasses import replace

from app.model.alarms import Choice, Switch
from app.store import Store
from tests.store.samples import HOUR, NOW

ON = Switch("1/eu/a", Choice.ON, NOW, "ada", "we want it", 4.5)
OFF = Switch("1/eu/a", Choice.OFF, NOW + HOUR, "bob", "too loud")
OTHER = Switch("1/eu/b", Choice.ON, NOW, "ada")


def test_the_newest_choice_of_an_alarm_holds(store: Store) -> None:
    assert (store.switches.newest(), store.switches.standing()) == (0, {})
    on, other = store.switches.add([ON, OTHER])
    assert store.switches.standing() == {"1/eu/a": on, "1/eu/b": other}
    (off,) = store.switches.add([OFF])
    assert store.switches.standing() == {"1/eu/a": off, "1/eu/b": other}
    assert store.switches.newest() == off.id


def test_every_choice_stays_on_record_newest_first(store: Store) -> None:
    store.switches.add([ON, OTHER])
    store.switches.add([OFF])
    assert [replace(each, id=0) for each in store.switches.history("1/eu/a")] == [OFF, ON]
    assert len(store.switches.history()) == 3
    assert len(store.switches.history(limit=1)) == 1


def test_a_choice_counts_as_a_change_of_the_ledger(store: Store) -> None:
    before = store.ledger.version
    store.switches.add([ON])
    assert store.ledger.version > before
