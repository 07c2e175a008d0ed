"""Answers are kept while the bill is the same, and for no longer."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from app.model.rounds import Result
from app.read import SpendAnswer, SpendQuestion, SpendRow
from app.read.spend.kept import LARGEST, MOST, KeptAnswers
from tests.support.shelf import NOW, Shelf
from tests.support.spend import day, days, fill, statements, steady

WINDOW = days("2026-11-01", "2026-11-24")


def put(shelf: Shelf, usd: str, read: str) -> None:
    told = statements(steady(WINDOW, {"AmazonS3": usd}), WINDOW, day(read))
    fill(shelf.store, shelf.lease, told, NOW)


def answer(rows: int = 1) -> SpendAnswer:
    row = SpendRow((), (Decimal(1),), Decimal(1))
    return SpendAnswer(SpendQuestion(WINDOW), slots=(WINDOW.start,), rows=(row,) * rows)


def test_the_same_question_is_worked_out_once_for_a_bill() -> None:
    kept, bill, made = KeptAnswers(), object(), []
    for _ in range(3):
        kept.answer(bill, "q", lambda: made.append(1) or answer())
    assert made == [1]
    kept.answer(object(), "q", lambda: made.append(2) or answer())
    assert made == [1, 2]


@pytest.mark.parametrize(("rows", "times"), [(LARGEST - 1, 1), (LARGEST, 2)])
def test_what_is_very_large_is_not_kept(rows: int, times: int) -> None:
    kept, bill, made = KeptAnswers(), object(), []
    for _ in range(2):
        kept.answer(bill, "q", lambda: made.append(1) or answer(rows))
    assert len(made) == times


def test_the_oldest_gives_way() -> None:
    kept, bill, made = KeptAnswers(), object(), []
    for at in (*range(MOST + 1), MOST, 0):
        kept.answer(bill, at, lambda at=at: made.append(at) or answer())
    assert made == [*range(MOST + 1), 0]


def test_a_new_bill_is_told_at_once(shelf: Shelf) -> None:
    question = SpendQuestion(WINDOW)
    put(shelf, "1", "2026-11-23")
    assert shelf.reads.spend.ask(question, NOW).value.total == 23
    before = shelf.reads.costs.forecast(NOW).value
    put(shelf, "2", "2026-11-24")
    assert shelf.reads.spend.ask(question, NOW).value.total == 46
    assert shelf.reads.costs.forecast(NOW).value != before


def test_a_day_that_begins_is_missing_also_from_the_same_bill(shelf: Shelf) -> None:
    put(shelf, "1", "2026-11-23")
    question = SpendQuestion(days("2026-11-01", "2026-11-28"))
    lengths = [
        sum((w.length for w in shelf.reads.spend.ask(question, at).value.missing), timedelta())
        for at in (NOW, NOW + timedelta(days=1))
    ]
    assert lengths == [timedelta(days=1), timedelta(days=2)]


def test_what_goes_wrong_is_told_beside_what_was_kept(shelf: Shelf) -> None:
    put(shelf, "1", "2026-11-23")
    assert shelf.reads.costs.forecast(NOW).problem is None
    shelf.round("spend", "spend/costs/service", Result.DENIED, action="ce:GetCostAndUsage")
    shelf.reads.refresh()
    found = shelf.reads.costs.forecast(NOW)
    assert found.problem is not None
    assert found.value is not None
