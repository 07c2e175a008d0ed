"""A rehearsal over stored points tells what the engine put on record, tick by tick."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.rehearse import Rehearser
from app.catalogue import Catalogue
from app.model.time import Window, floor
from tests.support.alarm_yard import NOON, Yard, alarm

MINUTE = timedelta(minutes=1)
LINE = "1x9 90 1 90 90 _x4 90 1x3 _x6 85.5 1x4 90x3 _ 90 1x9 _x9 90 90"


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="one of one"),
        pytest.param({"EvaluationPeriods": 3, "DatapointsToAlarm": 2}, id="two of three"),
        pytest.param({"EvaluationPeriods": 3, "TreatMissingData": "ignore"}, id="ignore"),
        pytest.param({"TreatMissingData": "breaching"}, id="breaching"),
        pytest.param(
            {"Statistic": "Average", "Period": 300, "EvaluationPeriods": 2, "Threshold": 30.3},
            id="five minutes",
        ),
        pytest.param({"Statistic": "SampleCount", "Period": 180, "Threshold": 2.0}, id="counts"),
    ],
)
def test_rehearsal_and_engine_come_to_the_same_changes(
    tmp_path: Path, fields: dict[str, Any]
) -> None:
    start = NOON - timedelta(hours=1)
    yard = Yard(tmp_path, start - timedelta(hours=2))
    settings = alarm(**{"DatapointsToAlarm": None, **fields})
    yard.points(LINE, NOON)
    engine = yard.engine(settings)
    now = start
    while now <= NOON:
        # AWS is read at the pace of the alarm, and the engine judges what was read.
        yard.answered(start - timedelta(hours=2), floor(now, timedelta(seconds=settings.Period)))
        engine.tick(now)
        now += MINUTE
    [definition] = yard.store.ledger.definitions()
    recorded = yard.store.ledger.transitions(limit=1_000)[::-1]
    found = Rehearser(yard.store, Catalogue({})).rehearse(definition, Window(start, NOON))
    yard.close()
    told = [(each.at, each.old, each.new, each.reason) for each in found.changes]
    assert told == [(each.at, each.old, each.new, each.reason) for each in recorded]
    assert len(told) > 2
