"""Alarms of budgets are made here: they are shown, and neither exported nor linted."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from alerts.budgets import definitions
from app.cli import app
from app.model.budgets import Budget, Of, Source, Threshold
from app.model.states import AlarmState
from tests.support.shelf import HOME, NOW, Shelf, errors_alarm, function

CONFIG = """
accounts: [{id: "111111111111", name: prod, regions: [eu-central-1]}]
store: {path: store}
"""
BUDGET = Budget("blog", Source.OWN, Decimal(10), thresholds=(Threshold(Of.ACTUAL, 80.0),))


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    """A store with an alarm of a budget and another one."""
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    shelf = Shelf(tmp_path / "store")
    for alarm in (*definitions([BUDGET], HOME), errors_alarm(function("checkout"))):
        shelf.alarm(alarm, AlarmState.OK, NOW)
    shelf.close()
    return path


def asked(*words: str) -> str:
    return CliRunner().invoke(app, ["alarms", *words], catch_exceptions=False).output


def test_an_alarm_of_a_budget_is_listed(config: Path) -> None:
    assert "Budget blog: 80 % of 10 USD spent" in asked("list", "-c", str(config))


def test_it_is_left_out_where_alarms_are_written_or_mended(config: Path) -> None:
    written = asked("export", "-c", str(config))
    assert "checkout" in written
    assert "Budget" not in written
    assert asked("lint", "-c", str(config)).startswith("1 alarm:")
