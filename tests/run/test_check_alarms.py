"""What only the whole program can tell of alarms and mute rules in a config.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import ConfigMistakes
from app.run.check import load_checked

HEAD = """accounts: [{id: "111111111111", name: a, regions: [eu-central-1]}]
alarms:
"""


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            "  others: [{account: a, region: eu-central-1, put: {AlarmName: x, AlarmRule: ()}}]",
            "alarms.others[0].put: Error in AlarmRule [Unsupported token ')' at char 1",
        ),
        (
            "  mutes: [{name: x, schedule: rate(1 day), duration: PT1H, alarms: [a]}]",
            "alarms.mutes[0].schedule: rate(1 day) must be at(yyyy-MM-ddThh:mm) or cron(",
        ),
        (
            "  mutes: [{name: x, schedule: 'cron(0 2 * * *)', duration: 1h, alarms: [a]}]",
            "alarms.mutes[0].duration: Duration 1h must be between PT1M and P15D.",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, lines: str, expected: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(HEAD + lines)
    with pytest.raises(ConfigMistakes) as caught:
        load_checked(file, {})
    assert expected in str(caught.value)
