"""``watchdeck alarms backtest`` and its like, over a real store."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.model.errors import ConfigError
from tests.support.alarm_yard import NOON, Yard, alarm

CONFIG = """
accounts:
  - {id: "111111111111", name: blog-prod, regions: [eu-central-1]}
"""
HOUR = ["--since", "2026-01-01T11:00", "--until", "2026-01-01T12:00"]


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path / "store")
    made.points("1x9 90 1x9 90x9 1x28", NOON)
    made.answered(NOON - timedelta(hours=2), NOON)
    made.engine(alarm("orders are late")).tick(NOON)
    yield made
    made.close()


def asked(yard: Yard, *arguments: str, code: int = 0) -> str:
    config = yard.folder.parent / "config.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    command = ["alarms", *arguments, "--config", str(config), "--store", str(yard.folder)]
    told = CliRunner().invoke(app, command, catch_exceptions=False)
    assert told.exit_code == code, told.output
    return told.stdout


def as_json(yard: Yard, *arguments: str) -> Any:
    return json.loads(asked(yard, *arguments, "--json"))


def test_a_backtest_tells_what_would_have_happened(yard: Yard) -> None:
    told = asked(yard, "backtest", "late", *HOUR).splitlines()
    assert told[0] == "orders are late, 2026-01-01 11:00 to 2026-01-01 12:00 UTC"
    facts = [re.split("  +", line.strip(" "), maxsplit=1) for line in told[3:9]]
    assert [(name, value.replace("\N{NO-BREAK SPACE}", " ")) for name, value in facts] == [
        ("judged every", "1 min"),
        ("pages", "2"),
        ("pages per week", "336.0"),
        ("time in ALARM", "11 min"),
        ("state at the end", "OK"),
        ("could not ask", "none"),
    ]
    assert "2026-01-01 11:11 UTC  OK -> ALARM" in told


def test_a_changed_alarm_stands_beside_the_one_that_is(yard: Yard) -> None:
    found = as_json(yard, "backtest", "late", "--set", "EvaluationPeriods=3",
                    "--set", "DatapointsToAlarm=3", *HOUR)  # fmt: skip
    assert [each["pages"] for each in found["rehearsals"]] == [2, 1]
    assert len(found["comparison"]["only_first"]) == 1
    words = asked(yard, "backtest", "late", "--set", "EvaluationPeriods=3",
                  "--set", "DatapointsToAlarm=3", *HOUR)  # fmt: skip
    assert "raised by both: 1, the changed one 2 min later in the median" in words
    assert "only as it is: 1\n  2026-01-01 11:11 UTC, 1 min\n" in words


def test_an_alarm_of_a_file_is_tried_before_it_exists(yard: Yard) -> None:
    file = yard.folder.parent / "new.json"
    file.write_text(json.dumps(alarm("new", Threshold=100.0).put()), encoding="utf-8")
    found = as_json(yard, "backtest", "--file", str(file), *HOUR)
    assert [each["pages"] for each in found["rehearsals"]] == [0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["late", "--set", "Treshold=9"], "did you mean `Threshold`?", id="unknown"),
        pytest.param(["late", "--set", "Threshold"], "write FIELD=VALUE", id="no value"),
        pytest.param([], "name an alarm", id="nothing"),
        pytest.param(["late", "--until", "2025-01-01"], "swap the two", id="backwards"),
    ],
)
def test_what_makes_no_sense_is_said(yard: Yard, arguments: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message.replace("?", r"\?")):
        asked(yard, "backtest", *arguments)


def test_lint_tells_traps_with_their_fix(yard: Yard) -> None:
    assert asked(yard, "lint") == "1 alarm: nothing found\n"
    yard.engine(
        alarm("orders are late", TreatMissingData="breaching"),
        alarm("silent", ActionsEnabled=False),
    ).tick(NOON)
    told = asked(yard, "lint").splitlines()
    assert told[:2] == ["111111111111/eu-central-1/orders are late", "  warning  late-data"]
    assert told[3].endswith("raise the alarm. (EvaluationPeriods=3, DatapointsToAlarm=2)")
    assert told[4:] == [
        "111111111111/eu-central-1/silent",
        "  warning  actions-off",
        "    Its actions are switched off, so nobody hears of it.",
        "    Set ActionsEnabled, or give it an end by a silence instead. (ActionsEnabled=True)",
        "2 alarms: 2 warnings",
    ]


def test_lint_exits_with_1_where_an_alarm_cannot_work(yard: Yard) -> None:
    file = yard.folder.parent / "bad.yaml"
    put = {**alarm("bad").put(), "Period": 61, "AlarmActions": ["arn"]}
    file.write_text(json.dumps(put), encoding="utf-8")
    told = asked(yard, "lint", "--file", str(file), code=1)
    assert "AWS would refuse it: Period must be 10, 20, 30 or a multiple of 60." in told


def test_a_decision_is_explained_step_by_step(yard: Yard) -> None:
    told = asked(yard, "explain", "late", "--at", "2026-01-01T11:31").splitlines()
    assert told[0] == "111111111111/eu-central-1/orders are late at 2026-01-01 11:31:00 UTC"
    assert [line.split() for line in told[4:7]] == [
        ["2026-01-01", "11:28:00", "90.0", "1", "breaching"],
        ["2026-01-01", "11:29:00", "90.0", "1", "breaching"],
        ["2026-01-01", "11:30:00", "90.0", "1", "breaching", "counts"],
    ]
    assert told[8:12] == [
        "X X X",
        "The evaluation range holds 3 slots of 60 s; 3 of them have a point, 1 are asked for.",
        "The newest 1 points count, 1 of them breaches; older ones are left out.",
        "Step 1: enough points, and 1 breaches are at least 1: ALARM.",
    ]
    found = as_json(yard, "explain", "late", "--at", "2026-01-01T11:31")
    assert (found["explanation"]["why"], found["explanation"]["marks"]) == ("real", "X X X")


RULE_TEST = """
alarms: [alarms.json]
tests:
  - name: one breach is enough
    alarm: orders are late
    series: 1x4 90 1
    expect: {5m: OK, 6m: ALARM, 7m: ALARM}
"""


def test_rule_tests_tell_what_is_not_as_expected(tmp_path: Path) -> None:
    (tmp_path / "alarms.json").write_text(json.dumps([alarm("orders are late").put()]), "utf-8")
    file = tmp_path / "orders.test.yaml"
    file.write_text(RULE_TEST, encoding="utf-8")
    told = CliRunner().invoke(app, ["alarms", "test", str(file)])
    assert told.exit_code == 1
    assert told.stdout.splitlines() == [
        f"{file}:7: one breach is enough: at 2026-01-05 00:07:00 UTC expected ALARM, got OK",
        "    slots 0 X 0 (oldest first), before: ALARM",
        "    The evaluation range holds 3 slots of 60 s; 3 of them have a point, 1 are asked for.",
        "    The newest 1 points count, 0 of them breach; older ones are left out.",
        "    Step 1: enough points, and 0 breaches are fewer than 1: OK.",
        f"{file}: 1 test, 2 of 3 states as expected",
    ]
    file.write_text(RULE_TEST.replace("7m: ALARM", "7m: OK"), encoding="utf-8")
    assert CliRunner().invoke(app, ["alarms", "test", str(file)]).exit_code == 0
