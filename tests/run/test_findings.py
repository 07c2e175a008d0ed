"""What a run of the checks is given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import MoneySettings
from app.run.findings import look
from tests.support.shelf import NOW, Shelf
from tests.support.spend import days, fill, statements, steady


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.close()


def test_budgets_of_the_settings_are_looked_at(shelf: Shelf) -> None:
    """3 USD a day are 90 in November."""
    bill = days("2026-10-20", "2026-11-24")
    charges = steady(bill, {"AmazonEC2": "3"})
    fill(shelf.store, shelf.lease, statements(charges, bill, NOW), NOW)
    money = MoneySettings.model_validate({"budgets": [{"name": "mine", "usd": 80}]})
    settings = shelf.settings.model_copy(update={"money": money})
    look(shelf.store, shelf.catalogue, settings, NOW)
    told = {each.name: each.reason for each in shelf.store.findings.standing()}
    assert told["mine"] == "90.00 USD are expected against 80.00"
