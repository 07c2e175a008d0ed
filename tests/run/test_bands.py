"""Bands of alarms leave out what the settings call unusual."""

from __future__ import annotations

from pathlib import Path

from app.config import AlarmSettings
from app.run.wiring import learnt_bands
from tests.support.alarm_yard import Yard


def test_what_the_settings_call_unusual_is_left_out(tmp_path: Path) -> None:
    yard = Yard(tmp_path)
    unusual = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T01:00:00+00:00"}
    found = learnt_bands(yard.store, AlarmSettings.model_validate({"unusual": [unusual]}))
    assert found.excluded == [(1767225600.0, 1767229200.0)]
    yard.close()
