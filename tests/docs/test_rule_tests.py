"""The rule test of the guide passes on the alarm that the guide defines."""

from __future__ import annotations

from pathlib import Path

from alerts.ruletest import load_suite, run
from app.run.alarm_files import alarms_in
from tests.docs.pages import examples


def test_the_guides_rule_test_passes_on_the_guides_alarm(tmp_path: Path) -> None:
    own = [each.text for each in examples("yaml") if each.page.name == "alarms.md"]
    [rule_test] = [text for text in own if text.startswith("tests:")]
    [settings] = [text for text in own if "AlarmName: orders are late" in text]
    (tmp_path / "config.yaml").write_text(settings, encoding="utf-8")
    file = tmp_path / "orders.test.yaml"
    file.write_text(rule_test, encoding="utf-8")
    outcome = run(load_suite(file, alarms_in))
    assert (outcome.checked, outcome.failures) == (3, ())
