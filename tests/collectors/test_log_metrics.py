"""Metrics made of log events, from the pretend AWS to the store: each event counts once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from alerts.engine import Engine
from app.catalogue import Catalogue
from app.config import AccountSettings, AlarmSettings, MetricAlarmSettings
from app.demo.endpoint import Endpoint
from app.model.alarms import AlarmDefinition
from app.model.groups import derived_group
from app.model.ids import SeriesKey
from app.model.rounds import Batch, Result
from app.model.states import AlarmState
from app.model.time import epoch_ms
from app.model.watching import inputs
from app.store.tables import METRICS
from collectors import log_metrics
from tests.collectors.log_working import HOUR, MINUTE, NOW, OWN, PLACE, LogWork, log_working

Make = Callable[..., LogWork]
FULL = NOW.replace(second=0) - MINUTE
"""A minute that is over."""


@pytest.fixture
def make(endpoint: Endpoint, tmp_path: Path) -> Iterator[Make]:
    opened = []

    def make(*filters: dict[str, Any], **metrics: Any) -> LogWork:
        given = {"filters": list(filters), **metrics}
        context = log_working(endpoint, tmp_path / str(len(opened)), metrics=given)
        opened.append(context)
        made = context.__enter__()
        made.create()
        return made

    yield make
    for context in opened:
        context.__exit__(None, None, None)


def own(pattern: str = "", **more: Any) -> dict[str, Any]:
    return {"name": "own", "pattern": pattern, "namespace": "Shop", "metric": "Orders", **more}


def line(at: datetime, value: Any = 1, resolution: int = 60, **dimensions: str) -> str:
    """An EMF line for ``Shop Latency``."""
    metric = {"Name": "Latency", "StorageResolution": resolution}
    directive = {"Namespace": "Shop", "Dimensions": [list(dimensions)], "Metrics": [metric]}
    aws = {"Timestamp": epoch_ms(at), "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": aws, "Latency": value, **dimensions})


def values(slots: Sequence[dict[str, Any]]) -> list[tuple[float, float, float, float]]:
    return [(s["sum"], s["minimum"], s["maximum"], s["count"]) for s in slots]


def alarm(metric: str = "Orders", **changes: Any) -> AlarmDefinition:
    put = {"AlarmName": "a", "Namespace": "Shop", "MetricName": metric, "Statistic": "Sum",
           "Period": 60, "EvaluationPeriods": 1}  # fmt: skip
    return AlarmDefinition(PLACE, put | changes)


def test_lines_become_points_of_their_metrics(make: Make):
    work = make()
    work.put([line(FULL, [1, 4], Service="a"), line(FULL, 2, Service="a")], NOW - MINUTE)
    work.put([line(FULL, 7, Service="b")], NOW - MINUTE)
    work.rounds()
    first, second = work.slots("Shop", "Latency")
    assert (first["Service"], second["Service"], first["at"]) == ("a", "b", FULL)
    assert values([first, second]) == [(7.0, 1.0, 4.0, 3.0), (7.0, 7.0, 7.0, 1.0)]


def test_a_high_resolution_is_kept_in_slots_of_ten_seconds(make: Make):
    work = make()
    for second, value in ((3, 1), (8, 2), (14, 4)):
        work.put([line(FULL + timedelta(seconds=second), value, 1)], NOW - MINUTE)
    work.rounds()
    fine = work.slots("Shop", "Latency", 10)
    assert [(s["at"].second, s["sum"]) for s in fine] == [(0, 3.0), (10, 4.0)]
    assert values(work.slots("Shop", "Latency")) == [(7.0, 1.0, 4.0, 3.0)]


def test_lines_that_come_late_or_are_read_again_add_up(make: Make):
    work = make(own("order"))
    work.put(["order", "order", "else", line(FULL, 5)], FULL)
    work.rounds()
    for number in range(4):
        work.later(minutes=2)
        work.put(["order", line(FULL, 1), str(number)], FULL)
        work.later(seconds=30)
        work.rounds()
        if number == 1:
            work.renew()
    assert values(work.slots("Shop", "Orders")) == [(6.0, 1.0, 1.0, 6.0)]
    assert values(work.slots("Shop", "Latency")) == [(9.0, 1.0, 5.0, 5.0)]


def test_a_filter_gives_values_and_dimensions(make: Make):
    work = make(own("{ $.ms >= 0 }", value="$.ms", dimensions={"Code": "$.code"}))
    work.put(['{"ms":5,"code":200}', '{"ms":7,"code":200}', '{"ms":1,"code":500}'], FULL)
    work.rounds()
    found = [(s["Code"], s["sum"], s["count"]) for s in work.slots("Shop", "Orders")]
    assert found == [("200", 12.0, 2.0), ("500", 1.0, 1.0)]


def test_a_default_counts_for_every_event_that_does_not_match(make: Make):
    work = make(own("order", value=5, default=3))
    work.put(["order", *[f"else {n}" for n in range(14)]], FULL)
    work.rounds()
    assert values(work.slots("Shop", "Orders")) == [(47.0, 3.0, 5.0, 15.0)]


def test_filters_of_the_account_count_what_arrives_after_they_were_made(make: Make):
    work = make(imported=True)
    [group] = work.endpoint.logs.written.groups(PLACE).values()
    transformation = {"metricName": "Orders", "metricNamespace": "Shop", "metricValue": "2"}
    put = {
        "filterName": "orders",
        "filterPattern": "order",
        "creationTime": epoch_ms(NOW) + 1,
        "metricTransformations": [transformation],
    }
    work.put(["order before"], FULL)
    work.endpoint.logs.written.add_filter(PLACE, group, put)
    work.rounds()
    work.later(minutes=1)
    work.put(["order after"])
    work.later(minutes=1)
    work.rounds()
    assert values(work.slots("Shop", "Orders")) == [(2.0, 2.0, 2.0, 1.0)]


def test_a_filter_that_cannot_be_worked_out_is_said_by_the_listing(make: Make):
    work = make(imported=True)
    [group] = work.endpoint.logs.written.groups(PLACE).values()
    put = {
        "filterName": "orders",
        "filterPattern": "order",
        "applyOnTransformedLogs": True,
        "metricTransformations": [{"metricName": "O", "metricNamespace": "S", "metricValue": "1"}],
    }
    work.endpoint.logs.written.add_filter(PLACE, group, put)
    done = {r.group: r for r in work.rounds()}
    assert done["log-groups"].result is Result.PARTIAL
    assert (
        "the metric filter orders of /own/app is not worked out here" in done["log-groups"].message
    )


@pytest.mark.parametrize(
    ("rules", "counts"),
    [
        pytest.param([{"names": ["/own/*"]}], True, id="all are kept"),
        pytest.param([{"names": ["/own/app"]}], False, id="another group is not read"),
        pytest.param(
            [{"names": ["/own/more"], "max_mb_per_hour": 1}, {}], False, id="another has a limit"
        ),
    ],
)
def test_filters_of_the_account_count_where_all_their_events_are_kept(
    endpoint: Endpoint, tmp_path: Path, rules: list[dict[str, Any]], counts: bool
):
    transformation = {"metricName": "Orders", "metricNamespace": "Shop", "metricValue": "1"}
    put = {"filterName": "o", "filterPattern": "", "metricTransformations": [transformation]}
    with log_working(endpoint, tmp_path, groups=rules, metrics={"imported": True}) as work:
        for name in (OWN, "/own/more"):
            work.create(name)
            group = work.endpoint.logs.written.groups(PLACE)[name]
            work.endpoint.logs.written.add_filter(PLACE, group, put)
        work.put(["a"], FULL)
        work.rounds()
        assert bool(work.slots("Shop", "Orders")) is counts


def test_events_that_a_rule_leaves_out_do_not_count(endpoint: Endpoint, tmp_path: Path):
    groups = [{"names": ["/own/*"], "exclude": ["DEBUG"]}]
    metrics = {"filters": [own("order")]}
    with log_working(endpoint, tmp_path, groups=groups, metrics=metrics) as work:
        work.create()
        work.put(["order", "DEBUG order"], FULL)
        work.rounds()
        assert values(work.slots("Shop", "Orders")) == [(1.0, 1.0, 1.0, 1.0)]


def test_a_metric_that_was_read_from_cloudwatch_is_not_made_as_well(make: Make):
    work = make(own("order"))
    key = SeriesKey.of(PLACE, "Shop", "Orders", {})
    row = (0, 60, FULL, 10.0, 1.0, 1.0, 10.0)
    schema = {name: kind for name, kind in METRICS.schema.items() if name != "seq"}
    frame = pl.DataFrame([row], schema=schema, orient="row")
    work.store.commit(Batch(frames={"metrics": frame}, series=[key]), lease=work.lease, now=NOW)
    work.put(["order"], FULL)
    work.rounds()
    assert values(work.slots("Shop", "Orders")) == [(10.0, 1.0, 1.0, 10.0)]


def test_lines_are_left_alone_where_that_is_wanted(make: Make):
    work = make(emf=False)
    work.put([line(FULL, 1)], FULL)
    work.rounds()
    assert work.slots("Shop", "Latency") == []


def test_too_many_series_of_a_metric_are_left_out_and_said(
    make: Make, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(log_metrics, "MOST_SERIES", 3)
    work = make()
    work.put([line(FULL, 1, User=f"u{n}") for n in range(5)], FULL)
    rounds = work.rounds()
    kept = [s["User"] for s in work.slots("Shop", "Latency")]
    assert len(kept) == 3
    assert any("Shop Latency has more than 3 series" in r.message for r in rounds)
    work.renew()
    work.later(minutes=1)
    work.put([line(FULL, 1, User="another"), line(FULL, 1, User=kept[0])])
    work.later(minutes=1)
    work.rounds()
    found = {s["User"]: s["sum"] for s in work.slots("Shop", "Latency")}
    assert found == dict.fromkeys(kept, 1.0) | {kept[0]: 2.0}


def test_a_filter_with_too_many_values_of_a_dimension_keeps_to_the_limit(
    make: Make, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(log_metrics, "MOST_SERIES", 3)
    work = make(own("[user, n]", value="$n", dimensions={"User": "$user"}))
    work.put([f"u{n % 500} 2" for n in range(1000)], FULL)
    work.rounds()
    slots = work.slots("Shop", "Orders")
    assert [(s["sum"], s["count"]) for s in slots] == [(4.0, 2.0)] * 3


@pytest.mark.parametrize("renewed", [False, True])
def test_an_alarm_on_such_a_metric_is_fed_by_events(make: Make, renewed: bool):
    work = make(own("order"))
    work.alarms += [alarm(), alarm("Latency"), alarm("Other")]
    work.put(["order", line(FULL, 1)], FULL)
    work.rounds()
    work.later(minutes=3)
    work.rounds()
    if renewed:
        work.renew()
    work.later(minutes=3)
    work.rounds()
    makes = [work.collector.makes(each) for one in work.alarms for each in inputs(one)]
    assert makes == [True, True, False]
    for metric in ("Orders", "Latency"):
        answered = work.store.coverage(PLACE, derived_group("Shop", metric, [])).answered
        assert answered.windows[-1].end == (work.now - timedelta(seconds=20)).replace(second=0)


@pytest.mark.parametrize("period", [10, 60])
def test_an_alarm_is_judged_by_what_events_make(make: Make, period: int):
    work = make()
    settings = MetricAlarmSettings.model_validate(
        {
            "account": "blog-prod",
            "region": PLACE.region,
            "AlarmName": "slow",
            "Namespace": "Shop",
            "MetricName": "Latency",
            "Statistic": "Maximum",
            "Period": period,
            "Threshold": 5.0,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        }
    )
    account = AccountSettings(id=PLACE.account, name="blog-prod", regions=[PLACE.region])
    engine = Engine(work.store, Catalogue({}), AlarmSettings(metric=[settings]), [account])
    seen = []
    for value in (1, 1, 1, 1, 1, 1, 9, 1, 1):
        work.put([line(work.now + timedelta(seconds=25), value, 1)])
        work.later(seconds=60)
        engine.tick(work.now)
        work.alarms[:] = work.store.ledger.definitions()
        work.rounds()
        engine.tick(work.now)
        [status] = work.store.ledger.statuses().values()
        seen.append(status.state)
    unchecked = AlarmState.INSUFFICIENT_DATA
    states = [state for state, _ in groupby(seen)]
    assert states == [unchecked, AlarmState.OK, AlarmState.ALARM, AlarmState.OK]
    calls = [e.operation for e in work.store.meter.month(NOW) if e.service == "cloudwatch"]
    assert calls == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, True, id="sum"),
        pytest.param({"Period": 10}, True, id="ten seconds"),
        pytest.param({"Statistic": None, "ExtendedStatistic": "p99"}, False, id="percentile"),
        pytest.param({"Namespace": "AWS/Lambda"}, False, id="of AWS"),
        pytest.param({"Dimensions": [{"Name": "A", "Value": "b"}]}, False, id="other dimensions"),
    ],
)
def test_alarms_that_events_feed(make: Make, changes: dict[str, Any], expected: bool):
    work = make(own("order"))
    work.rounds()
    [wanted] = inputs(alarm(**changes))
    assert work.collector.makes(wanted) is expected


def test_time_before_anything_asked_for_the_metric_is_not_complete(make: Make):
    work = make()
    work.put([line(FULL, 1)], FULL)
    work.rounds()
    work.later(hours=2)
    work.put([line(work.now, 1)])
    work.later(minutes=1)
    work.alarms.append(alarm("Latency"))
    for _ in range(3):
        work.rounds()
        work.later(minutes=1)
    [answered] = work.store.coverage(PLACE, derived_group("Shop", "Latency", [])).answered
    assert answered.start > NOW + HOUR


def test_lines_that_give_nothing_are_counted_as_errors(make: Make):
    work = make()
    work.put([line(FULL, "slow"), line(FULL, "slow"), line(FULL, 1)], FULL)
    work.rounds()
    [slot] = work.slots("Watchdeck/Logs", "EMFValidationErrors")
    assert (slot["LogGroupName"], slot["sum"]) == (OWN, 2.0)
