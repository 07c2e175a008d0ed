"""Alive and ready are two questions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.model.ids import Place
from app.model.rounds import MeterEntry, Result, Round
from app.web.prometheus import Vitals, exposition, resident_bytes

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
PLACE = Place("111111111111", "eu-central-1")


def note(store, ended):
    round_ = Round("metrics", PLACE, "AWS/Lambda", ended, ended, Result.OK, rows=7, calls=2)
    lease = store.acquire("test", NOW, timedelta(minutes=1))
    spent = MeterEntry(NOW, PLACE, "cloudwatch", "GetMetricData", "metrics", 2, 9, Decimal("0.09"))
    store.note(lease=lease, now=NOW, round=round_, meter=[spent])


def test_the_process_is_alive_whatever_else(client):
    response = client.get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "ok"})


def test_it_is_not_ready_before_the_first_round(client):
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json["reason"] == "No round has ended yet; is the work process running?"


@pytest.mark.parametrize(("age", "status"), [(timedelta(hours=5), 200), (timedelta(hours=7), 503)])
def test_it_is_ready_while_rounds_end(client, store, age, status):
    note(store, NOW - age)
    assert client.get("/readyz").status_code == status


def test_the_metrics_tell_of_rounds_and_money(client, store):
    note(store, NOW - timedelta(minutes=2))
    text = client.get("/metrics").text
    labels = 'collector="metrics",account="111111111111",region="eu-central-1",group="AWS/Lambda"'
    assert f"watchdeck_round_ok{{{labels}}} 1\n" in text
    assert f"watchdeck_round_age_seconds{{{labels}}} 120\n" in text
    assert f"watchdeck_round_rows{{{labels}}} 7\n" in text
    assert 'operation="GetMetricData",collector="metrics"} 0.09\n' in text


def test_the_counters_of_the_work_process_are_passed_on(server):
    client = server(counters=lambda: {"missed_jobs": 3}).test_client()
    assert "watchdeck_missed_jobs 3\n" in client.get("/metrics").text


def test_every_family_is_introduced_once(client, store):
    note(store, NOW)
    lines = client.get("/metrics").text.splitlines()
    helped = [line.split()[2] for line in lines if line.startswith("# HELP")]
    assert len(helped) == len(set(helped))
    assert {line.split("{")[0].split()[0] for line in lines if line[0] != "#"} == set(helped)


def test_a_failed_round_counts_as_such():
    denied = Round("inventory", PLACE, "lambda", NOW, NOW, Result.DENIED)
    assert exposition(Vitals(rounds=[denied]), NOW).splitlines()[2].endswith("} 0")


def test_quotes_in_a_label_do_not_break_the_format():
    odd = Round("inventory", PLACE, 'a"b\\c\nd', NOW, NOW, Result.OK)
    assert 'group="a\\"b\\\\c\\nd"' in exposition(Vitals(rounds=[odd]), NOW)


def test_memory_of_this_process_is_known():
    assert 10_000_000 < resident_bytes() < 10_000_000_000
