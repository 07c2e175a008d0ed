from __future__ import annotations

import itertools

import numpy as np
import pytest

from app.demo.world.incidents import Kind
from app.demo.world.world import World
from app.model.ids import Place

HOME = Place("111111111111", "eu-central-1")
STAGING = Place("222222222222", "eu-central-1")
OUTPOST = Place("111111111111", "us-east-1")
DAY = 1440
START = 20_780 * DAY


@pytest.mark.parametrize("day", range(5))
def test_each_kind_of_trouble_happens_once_a_day_in_production_and_ends(day):
    start = START + day * DAY
    found = World().incidents.between(HOME, start, start + DAY)
    assert sorted(i.kind for i in found) == sorted(Kind)
    assert all(start <= i.start < i.end <= start + DAY for i in found)
    assert all(25 <= i.end - i.start < 70 for i in found)


def test_incidents_of_a_day_do_not_overlap():
    found = World().incidents.between(HOME, START, START + DAY)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))


def test_staging_has_each_kind_every_other_day():
    found = World().incidents.between(STAGING, START, START + 2 * DAY)
    assert sorted(i.kind for i in found) == sorted(Kind)


def test_a_place_has_no_trouble_with_what_it_does_not_have():
    kinds = {i.kind for i in World().incidents.between(OUTPOST, START, START + 20 * DAY)}
    assert Kind.STORAGE not in kinds
    assert Kind.BALANCER not in kinds


def test_trouble_rises_holds_and_falls():
    world = World()
    incident = world.provoke(Kind.TABLE, HOME, START, 20)
    strength = world.incidents.strength(Kind.TABLE, HOME, np.arange(START - 1, START + 21))
    assert incident.end == START + 20
    assert strength[0] == 0
    assert strength[1:4].tolist() == pytest.approx([1 / 3, 2 / 3, 1])
    assert strength[10] == 1
    assert strength[-2] == pytest.approx(0.2)
    assert strength[-1] == 0


def test_provoked_trouble_leaves_the_past_as_it_was():
    world, untouched = World(), World()
    world.provoke(Kind.DLQ, HOME, START + 60, 30)
    before = np.arange(START, START + 60)
    assert (
        world.incidents.strength(Kind.DLQ, HOME, before)
        == untouched.incidents.strength(Kind.DLQ, HOME, before)
    ).all()


def test_trouble_that_cannot_happen_is_refused():
    with pytest.raises(ValueError, match="nothing in 111111111111/us-east-1 that `rds-storage`"):
        World().provoke(Kind.STORAGE, OUTPOST, START, 20)


@pytest.mark.parametrize("minutes", [0, 241])
def test_trouble_lasts_a_minute_to_four_hours(minutes):
    with pytest.raises(ValueError, match="an incident lasts 1 to 240 minutes"):
        World().provoke(Kind.CPU, HOME, START, minutes)


def test_another_seed_has_another_schedule():
    one, two = (World(seed).incidents.between(HOME, START, START + DAY) for seed in (1, 2))
    assert one != two
