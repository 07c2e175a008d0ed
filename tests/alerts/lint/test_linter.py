"""Lint over a real store: facts are read from what was collected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.lint import Linter
from alerts.lint.facts import facts_of
from alerts.rules import definitions
from app.catalogue import Catalogue
from app.config import AlarmSettings
from app.model.watching import inputs
from tests.support.alarm_yard import ACCOUNT, NOON, Yard, alarm

DAY = timedelta(days=1)


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path)
    yield made
    made.close()


def traps(yard: Yard, **fields: object) -> list[str]:
    [made] = definitions(AlarmSettings(metric=[alarm(**fields)]), [ACCOUNT], Catalogue({}), [])
    found = Linter(yard.store, Catalogue({})).lint([made], NOON)
    return [each.trap for each in found[made.id]]


def test_a_sparse_metric_is_told_from_a_steady_one(yard: Yard) -> None:
    yard.answered(NOON - 2 * DAY, NOON)
    yard.points("1 _x9 " * 288, NOON)
    assert traps(yard) == ["sparse-missing"]
    yard.points("1x2879", NOON)
    assert traps(yard) == []


def test_time_that_was_not_asked_makes_no_metric_sparse(yard: Yard) -> None:
    yard.answered(NOON - 2 * DAY, NOON - 1.5 * DAY)
    yard.points("1x719", NOON - 1.5 * DAY)
    [made] = definitions(AlarmSettings(metric=[alarm()]), [ACCOUNT], Catalogue({}), [])
    [own] = inputs(made)
    facts = facts_of(yard.store, Catalogue({}), [own], NOON)[own]
    assert (facts.known, facts.share, facts.days) == (True, 1.0, 2.0)
    assert (facts.lowest, facts.highest, facts.samples) == (1.0, 1.0, 1.0)


def test_an_alarm_that_would_be_raised_all_the_time_is_found_by_its_rehearsal(yard: Yard) -> None:
    yard.answered(NOON - 2 * DAY, NOON)
    yard.points("1x28 90 " * 96, NOON)
    assert traps(yard) == ["noisy"]


def test_a_metric_that_was_never_collected_is_found(yard: Yard) -> None:
    assert traps(yard) == ["no-such-series"]
