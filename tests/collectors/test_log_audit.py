"""What is stored is held against what CloudWatch says has arrived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.demo.endpoint import Endpoint
from app.demo.faults import Fault, FaultKind
from app.model.rounds import Result, Round
from collectors.log_audit import lacking
from tests.collectors.log_working import MINUTE, NOW, OWN, PLACE, LogWork, log_working

HIDDEN = Fault(FaultKind.LATE, api="logs", operation="FilterLogEvents", seconds=86_400 * 5)


@pytest.fixture
def work(endpoint: Endpoint, tmp_path: Path) -> Iterator[LogWork]:
    with log_working(endpoint, tmp_path, audit=True, sweep="0s") as made:
        made.create()
        yield made


def audited(work: LogWork) -> Round:
    [found] = [r for r in work.rounds() if r.group == "logs-audit"]
    return found


def missed(work: LogWork) -> None:
    """Events that arrived while they could not be read, and are older than any overlap by now."""
    work.rounds()
    work.later(hours=1)
    hidden = work.endpoint.faults.add(HIDDEN)
    work.put([f"m{n}" for n in range(5)], work.now - MINUTE)
    work.later(minutes=10)
    work.rounds()
    work.later(hours=1)
    work.rounds()
    work.endpoint.faults.remove(hidden)
    assert work.messages() == []
    work.later(hours=5)


def proven(work: LogWork) -> tuple[float, ...]:
    """What the audits say of all groups: events that arrived, and those that are missing."""
    found = (work.slots("Watchdeck/Logs", name) for name in ("EventsArrived", "EventsMissing"))
    return tuple(sum(slot["sum"] for slot in slots) for slots in found)


def test_missing_events_are_noticed_and_read_again(work: LogWork):
    missed(work)
    done = audited(work)
    assert done.result is Result.OK
    assert work.messages() == [f"m{n}" for n in range(5)]
    assert proven(work) == (5, 0)


def test_what_cannot_be_read_again_is_said(work: LogWork):
    missed(work)
    work.endpoint.faults.add(HIDDEN)
    done = audited(work)
    assert done.result is Result.PARTIAL
    assert done.message == (
        "5 events of /own/app are missing: CloudWatch counted them between 2026-11-24 11:07 "
        "and 11:08 UTC and does not give them"
    )
    assert proven(work) == (5, 5)


def test_an_event_that_was_dated_hours_before_its_arrival_is_found(work: LogWork):
    work.rounds()
    work.later(hours=1)
    hidden = work.endpoint.faults.add(HIDDEN)
    work.put(["old"], work.now - timedelta(hours=5))
    work.later(hours=2)
    work.rounds()
    work.endpoint.faults.remove(hidden)
    work.later(hours=5)
    audited(work)
    assert work.messages() == ["old"]


def test_where_nothing_is_missing_nothing_is_read_again(work: LogWork):
    work.put(["a"], NOW - MINUTE)
    work.rounds()
    work.later(hours=7)
    work.put(["b"], work.now - MINUTE)
    work.rounds()
    work.later(hours=7)
    done = audited(work)
    assert (done.result, done.calls) == (Result.OK, 1)
    assert proven(work) == (2, 0)


def test_an_audit_costs_one_metric_for_each_group(work: LogWork):
    work.create("/own/more")
    work.rounds()
    work.later(hours=7)
    work.endpoint.counters.clear()
    audited(work)
    assert work.endpoint.counters.units("cloudwatch", "GetMetricData") == 2


def test_groups_of_which_events_are_left_out_are_not_audited(endpoint: Endpoint, tmp_path: Path):
    rule = {"names": ["/own/*"], "exclude": ["DEBUG"]}
    with log_working(endpoint, tmp_path, audit=True, groups=[rule]) as work:
        work.create()
        work.put(["DEBUG 1", "b"], NOW - 3 * MINUTE)
        work.rounds()
        work.later(hours=7)
        assert audited(work).result is Result.OK
        assert proven(work) == (0, 0)


def test_what_is_left_out_is_a_series_and_counted_once(endpoint: Endpoint, tmp_path: Path):
    rule = {"names": ["/own/*"], "exclude": ["DEBUG"]}
    with log_working(endpoint, tmp_path, groups=[rule]) as work:
        work.create()
        work.put(["DEBUG 1", "DEBUG 22", "b"], NOW - 3 * MINUTE)
        for _ in range(4):
            work.rounds()
            work.later(minutes=1)
        series = work.store.series.find(namespace="Watchdeck/Logs")
        found = {
            row["metric"]: (
                {d["name"]: d["value"] for d in row["dimensions"]},
                work.store.points([row["series"]], _ever(work)).collect()["sum"].to_list(),
            )
            for row in series.iter_rows(named=True)
        }
        dimensions = {"LogGroupName": OWN, "Reason": "excluded"}
        assert found == {
            "EventsLeftOut": (dimensions, [2.0]),
            "BytesLeftOut": (dimensions, [15.0]),
        }


def _ever(work: LogWork):
    from app.model.time import Window

    return Window(NOW - timedelta(days=1), work.now)


def test_it_is_due_again_after_hours(work: LogWork):
    work.rounds()
    work.later(hours=7)
    audited(work)
    assert "logs-audit" not in {t.group for t in work.collector.plan(PLACE, work.now)}
    work.later(hours=6)
    assert "logs-audit" in {t.group for t in work.collector.plan(PLACE, work.now)}


@pytest.mark.parametrize(
    ("counted", "stored", "expected"),
    [
        pytest.param({0: 5}, {0: 5}, {}, id="equal"),
        pytest.param({0: 5}, {0: 3}, {0: 2}, id="fewer"),
        pytest.param({0: 5}, {}, {0: 5}, id="none"),
        pytest.param({0: 5}, {0: 9}, {}, id="more"),
        pytest.param({0: 5, 1: 2}, {0: 4, 1: 3}, {}, id="counted in the minute after"),
        pytest.param({1: 5}, {0: 1, 1: 4}, {}, id="counted in the minute before"),
        pytest.param({0: 5, 3: 1}, {0: 4, 3: 2}, {0: 1}, id="not in a minute further away"),
        pytest.param({0: 2, 2: 2}, {0: 1, 1: 1, 2: 1}, {2: 1}, id="each event makes up once"),
    ],
)
def test_minutes_that_lack_events(
    counted: dict[int, int], stored: dict[int, int], expected: dict[int, int]
):
    def ms(minutes: dict[int, int]) -> dict[int, int]:
        return {minute * 60_000: events for minute, events in minutes.items()}

    assert lacking(ms(counted), ms(stored)) == ms(expected)
