"""``watchdeck findings`` over a store at rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.model.rounds import Result
from tests.alerts.findings.yard import resource
from tests.support.shelf import Shelf

CONFIG = """
accounts: [{id: "111111111111", name: prod, regions: [eu-central-1]}]
store: {path: store}
findings: {off: ["ACC-*"]}
"""


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    """Settings, and a store with one machine that has stood still for weeks."""
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    shelf = Shelf(tmp_path / "store")
    why = {"StateTransitionReason": "User initiated (2026-11-01 08:00:00 GMT)", "Volumes": ["v"]}
    shelf.resources(resource("ec2", "instance", "old", why, state="stopped"))
    shelf.round("inventory", "sqs", Result.DENIED, message="sqs:ListQueues is not allowed")
    shelf.close()
    return path


def asked(*words: str) -> str:
    answer = CliRunner().invoke(app, ["findings", *words], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_before_the_first_run_the_answer_says_so(config: Path) -> None:
    assert "No check has looked yet." in asked("list", "-c", str(config))


def test_a_run_shows_what_stands_and_what_could_not_be_looked_at(config: Path) -> None:
    shown = asked("run", "-c", str(config))
    assert "EC2-02  old" in shown
    assert "1 finding: 0.00 USD a month, each resource once, 1 without an amount." in shown
    assert "could not be read: sqs:ListQueues is not allowed" in shown


def test_a_waived_finding_is_listed_apart(config: Path) -> None:
    asked("run", "-c", str(config))
    said = asked("waive", "EC2-02", "old", "--reason", "a spare", "-c", str(config))
    assert said.startswith("EC2-02 of old is waived until ")
    assert json.loads(asked("list", "--json", "-c", str(config)))["rows"] == []
    (row,) = json.loads(asked("list", "--waived", "--json", "-c", str(config)))["rows"]
    assert (row["name"], row["waiver"]["reason"]) == ("old", "a spare")
