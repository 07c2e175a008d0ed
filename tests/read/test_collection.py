"""Watchdeck's own work: rounds, lag, remedies, and the bill."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from app.model.groups import TRACE_COUNTS, TRACES
from app.model.readings import Look
from app.model.rounds import Batch, Covered, Result, Settledness
from app.model.states import Health
from app.model.time import Window
from app.read import Collection
from app.read.spending import projected
from tests.support.shelf import AWAY, HOME, NOW, Shelf
from tests.support.spend import day, days, fill, statements, steady

HOUR = timedelta(hours=1)


def state(shelf: Shelf) -> Collection:
    return shelf.reads.collection.state(shelf.scope()).value


def test_a_round_tells_lag_and_when_the_next_one_is_due(shelf: Shelf) -> None:
    shelf.cover("AWS/Lambda", HOUR, end=NOW - timedelta(minutes=4))
    [row] = state(shelf).rows
    assert (row.lag, row.promise) == (timedelta(minutes=4), timedelta(minutes=5))
    assert (row.health, row.outcome) == (Health.OK, "ok")
    assert row.next == NOW + timedelta(minutes=1) - timedelta(seconds=2)


def test_spend_that_is_told_twice_is_told_here(shelf: Shelf) -> None:
    window, read_at = days("2026-11-20", "2026-11-22"), day("2026-11-23")
    members = steady(window, {"AmazonS3": "1"}, account=AWAY.account)
    whole = [*members, *steady(window, {"AmazonS3": "2"}, account=HOME.account)]
    fill(shelf.store, shelf.lease, statements(whole, window, read_at, payer=HOME.account), NOW)
    assert state(shelf).warnings == ()
    fill(shelf.store, shelf.lease, statements(members, window, read_at, payer=AWAY.account), NOW)
    (said,) = state(shelf).warnings
    assert said.startswith(f"Account {AWAY.account} is told twice (2026-11-20 to 2026-11-21): by ")


@pytest.mark.parametrize(
    ("result", "action", "remedy"),
    [
        pytest.param(
            Result.DENIED,
            "rds:DescribeDBInstances",
            "Allow rds:DescribeDBInstances for the role of account staging; "
            "`watchdeck policy` prints the whole policy.",
            id="denied",
        ),
        pytest.param(
            Result.REGION_OFF,
            "",
            "Enable us-east-1 in account staging, or take it out of config.yaml.",
            id="Region off",
        ),
        pytest.param(
            Result.OVER_BUDGET,
            "",
            "The monthly cap on Watchdeck's own calls is reached; "
            "raise collection.budget_usd_per_month.",
            id="over budget",
        ),
    ],
)
def test_a_failing_round_comes_with_its_remedy(
    shelf: Shelf, result: Result, action: str, remedy: str
) -> None:
    shelf.round("inventory", "rds", result, place=AWAY, action=action)
    shelf.round("inventory", "lambda", place=HOME)
    [failing] = state(shelf).failing
    assert (failing.health, failing.remedy) == (Health.COULD_NOT_ASK, remedy)


def test_a_failure_is_dated_from_its_first_round(shelf: Shelf) -> None:
    for minutes in (30, 15, 0):
        at = NOW - timedelta(minutes=minutes)
        shelf.round("inventory", "rds", Result.THROTTLED, at=at)
    [failing] = state(shelf).failing
    assert failing.since == NOW - timedelta(minutes=30, seconds=2)


def test_of_logs_what_is_read_together_stays_and_what_is_done_goes(shelf: Shelf) -> None:
    shelf.round("logs", "logs/*", Result.OK)
    shelf.round("logs", "log-groups", Result.OK)
    shelf.round("logs", "log-details", Result.OK)
    shelf.round("logs", "logs-history//app", Result.OK)
    shelf.round("logs", "logs//secret", Result.DENIED, action="logs:FilterLogEvents")
    shelf.round("logs", "logs//gone", Result.DENIED, at=NOW - timedelta(days=2))
    found = state(shelf)
    assert {(row.round.group, row.promise) for row in found.rows} == {
        ("logs/*", timedelta(minutes=1)),
        ("log-groups", timedelta(minutes=15)),
        ("log-details", timedelta(minutes=15)),
        ("logs//secret", timedelta(minutes=1)),
    }
    assert [d.name for d in found.data_sets] == ["Logs"]


def test_a_log_group_that_was_read_since_it_was_refused_fails_no_more(shelf: Shelf) -> None:
    shelf.round("logs", "logs/*", Result.OK)
    shelf.round("logs", "logs//secret", Result.DENIED, at=NOW - HOUR)
    shelf.round("logs", "logs//other", Result.DENIED, at=NOW - HOUR)
    read = Window(NOW - 2 * HOUR, NOW - timedelta(minutes=1))
    shelf.commit(Batch(covered=[Covered(HOME, "logs//secret", read, Settledness.PROVISIONAL)]))
    assert [row.round.group for row in state(shelf).failing] == ["logs//other"]


def test_where_all_log_groups_are_refused_that_is_told_once(shelf: Shelf) -> None:
    shelf.round("logs", "logs//a", Result.DENIED, at=NOW - HOUR)
    shelf.round("logs", "logs-sweep//a", Result.DENIED, at=NOW + timedelta(minutes=1))
    shelf.round("logs", "logs//a", Result.DENIED, place=AWAY)
    shelf.round("logs", "logs/*", Result.DENIED)
    found = {(row.round.place, row.round.group) for row in state(shelf).failing}
    assert found == {(HOME, "logs/*"), (AWAY, "logs//a")}


def test_traces_and_their_counts_are_promised_as_often_as_the_settings_say(shelf: Shelf) -> None:
    for group in (TRACES, TRACE_COUNTS):
        shelf.round("traces", group)
    assert {row.promise for row in state(shelf).rows} == {timedelta(minutes=5)}


def test_a_month_of_traces_that_is_used_up_names_its_setting(shelf: Shelf) -> None:
    shelf.round("traces", TRACES, Result.OVER_BUDGET, message="the traces are used up")
    (row,) = state(shelf).failing
    assert "collection.traces.per_month" in row.remedy
    assert "next month" in row.remedy


def test_rounds_about_spend_are_promised_in_their_rhythm_and_history_goes(shelf: Shelf) -> None:
    for group in ("costs/REGION+SERVICE", "budgets", "savings-plans-coverage", "history/REGION"):
        shelf.round("spend", f"spend/{group}")
    shelf.round("spend", "spend/forecast", Result.OVER_BUDGET)
    rows = {row.round.group: row for row in state(shelf).rows}
    assert {group: row.promise for group, row in rows.items()} == {
        "spend/costs/REGION+SERVICE": timedelta(days=1),
        "spend/budgets": timedelta(hours=8),
        "spend/savings-plans-coverage": timedelta(days=7),
        "spend/forecast": timedelta(days=1),
    }
    assert "collection.spend.requests_per_day" in rows["spend/forecast"].remedy


def test_metrics_far_behind_their_promise_are_a_warning(shelf: Shelf) -> None:
    shelf.cover("AWS/Lambda", HOUR, end=NOW - timedelta(minutes=26))
    assert state(shelf).rows[0].health is Health.WARNING


def test_data_sets_tell_the_oldest_of_their_groups(shelf: Shelf) -> None:
    shelf.cover("AWS/Lambda", HOUR, end=NOW - timedelta(minutes=2))
    shelf.cover("AWS/SQS", HOUR, end=NOW - timedelta(minutes=6))
    [metrics] = state(shelf).data_sets
    assert (metrics.name, metrics.place, metrics.as_of) == (
        "Metrics",
        HOME,
        NOW - timedelta(minutes=6),
    )


def test_the_bill_is_added_up_dearest_first(shelf: Shelf) -> None:
    shelf.calls("ListMetrics", "0.02", 2)
    shelf.calls("GetMetricData", "1.50", 150_000)
    bill = state(shelf).spending
    assert (bill.month_to_date, bill.cap) == (Decimal("1.52"), Decimal(50))
    assert [entry.operation for entry in bill.entries] == ["GetMetricData", "ListMetrics"]


def test_the_projection_follows_the_plan(shelf: Shelf) -> None:
    shelf.calls("GetMetricData", "1.50", 150_000)
    shelf.plan(("metrics/AWS/Lambda/60", "0.01", 5, 30), ("alarmed/AWS/SQS/60", "0.001", 1, 1))
    bill = state(shelf).spending
    # 156 hours are left of November: 2 reads and 60 reads an hour; 12 instead of 2 as wished.
    assert bill.projected == Decimal("1.50") + 156 * (2 * Decimal("0.01") + Decimal("0.06"))
    assert bill.wished == Decimal("1.50") + 156 * (12 * Decimal("0.01") + Decimal("0.06"))


def test_without_a_plan_the_month_goes_on_as_it_did(shelf: Shelf) -> None:
    shelf.plan(("metrics/AWS/Lambda/60", "0.01", 5, 5))
    shelf.calls("GetMetricData", "2.35", 235_000, datetime(2026, 11, 1, tzinfo=NOW.tzinfo))
    shelf.now += timedelta(minutes=16)
    bill = state(shelf).spending
    assert (bill.plan, bill.wished) == (None, None)
    assert bill.projected == pytest.approx(Decimal("2.99"), abs=Decimal("0.01"))


def test_what_is_read_more_rarely_is_told_and_is_no_delay(shelf: Shelf) -> None:
    group = "metrics/AWS/Lambda/60"
    shelf.cover("AWS/Lambda", HOUR, end=NOW - timedelta(minutes=45))
    shelf.plan((group, "0.01", 5, 30), ("alarmed/AWS/SQS/60", "0.001", 1, 1))
    found = state(shelf)
    assert [planned.group for planned in found.held_back] == [group]
    [row] = found.rows
    assert (row.promise, row.wished) == (timedelta(minutes=30), timedelta(minutes=5))
    assert row.health is Health.OK
    assert found.spending.health is Health.WARNING


def test_groups_that_nobody_reads_any_more_are_left_out(shelf: Shelf) -> None:
    shelf.cover("AWS/Lambda", HOUR, end=NOW - timedelta(days=2))
    shelf.round("metrics", "alarmed/AWS/SQS/300", Result.DENIED, at=NOW - timedelta(days=2))
    shelf.cover("AWS/SQS", HOUR, end=NOW - timedelta(minutes=2))
    shelf.plan(("metrics/AWS/SQS/60", "0.01", 5, 5))
    found = state(shelf)
    assert [row.round.group for row in found.rows] == ["metrics/AWS/SQS/60"]
    assert found.failing == ()


def test_places_that_are_not_looked_at_hold_nothing_back(shelf: Shelf) -> None:
    shelf.plan(("metrics/AWS/Lambda/60", "0.01", 5, 30))
    only = shelf.scope(HOUR, AWAY)
    assert shelf.reads.collection.state(only).value.held_back == ()


def test_usd_are_drawn_by_day(shelf: Shelf) -> None:
    shelf.calls("GetMetricData", "1.50", 150_000, NOW - timedelta(days=2))
    shelf.calls("GetMetricData", "0.50", 50_000)
    [line] = state(shelf).days
    assert line.name == "metrics"
    assert [v for v in line.values.tolist() if v == v] == [1.5, 0.5]


def test_before_the_first_round_there_is_nothing_to_tell(shelf: Shelf) -> None:
    assert shelf.reads.collection.state(shelf.scope()).look is Look.NOT_COLLECTED


@pytest.mark.parametrize(
    ("now", "begun", "expected"),
    [
        pytest.param("2026-11-16T00:00", None, Decimal(20), id="half of the month"),
        pytest.param("2026-11-16T00:00", "2026-11-01T00:00", Decimal(20), id="begun with it"),
        pytest.param("2026-11-21T00:00", "2026-11-11T00:00", Decimal(20), id="begun late"),
        pytest.param("2026-11-16T00:00", "2026-11-15T23:30", None, id="too early to tell"),
    ],
)
def test_a_month_goes_on_as_it_did_so_far(
    now: str, begun: str | None, expected: Decimal | None
) -> None:
    since = datetime.fromisoformat(f"{begun}+00:00") if begun else None
    assert projected(Decimal(10), datetime.fromisoformat(f"{now}+00:00"), since) == expected
