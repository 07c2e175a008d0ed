"""Alarms on expressions, bands and queries over a real store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.bands import Subject
from alerts.tagged import Tagged
from alerts.verdict.slots import Slot
from app.model.groups import metrics_group
from app.model.ids import Resource
from tests.support.alarm_yard import NAMESPACE, NOON, PLACE, Yard, alarm, other

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
HEAD = "111111111111/eu-central-1/"


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path)
    yield made
    made.close()


def state(yard: Yard, name: str) -> tuple[str, str]:
    status = yard.store.ledger.statuses()[HEAD + name]
    return str(status.state), status.reason


def problem(yard: Yard, name: str) -> str:
    return yard.store.ledger.statuses()[HEAD + name].problem


def changes(yard: Yard, name: str) -> list[str]:
    return [str(t.new) for t in reversed(yard.store.ledger.transitions(alarm=HEAD + name))]


def metric(id_: str, name: str, *, shown: bool = False, stat: str = "Sum") -> dict[str, Any]:
    of = {"Namespace": NAMESPACE, "MetricName": name}
    return {
        "Id": id_, "ReturnData": shown, "MetricStat": {"Metric": of, "Period": 60, "Stat": stat}
    }  # fmt: skip


BASE: dict[str, Any] = {
    "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "Threshold": 10.0,
    "ComparisonOperator": "GreaterThanThreshold",
}  # fmt: skip
RATE = other(
    "rate",
    **BASE,
    Metrics=[
        metric("e", "Errors"),
        metric("n", "Calls"),
        {"Id": "r", "Expression": "100 * e / n"},
    ],
)


def test_an_alarm_on_an_expression_is_raised_and_resolved(yard: Yard) -> None:
    yard.points("1 1 30", NOON, metric="Errors")
    yard.points("100 100 100", NOON, metric="Calls")
    yard.answered(NOON - HOUR, NOON)
    engine = yard.engine(RATE)
    engine.tick(NOON)
    now, reason = state(yard, "rate")
    assert now == "ALARM"
    assert reason == (
        "Threshold Crossed: 1 out of the last 1 datapoints [30.0 (01/01/26 11:59:00)] was greater "
        "than the threshold (10.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    yard.points("1", NOON + MINUTE, metric="Errors")
    yard.points("100", NOON + MINUTE, metric="Calls")
    yard.answered(NOON, NOON + MINUTE)
    engine.tick(NOON + MINUTE)
    assert changes(yard, "rate") == ["ALARM", "OK"]


@pytest.mark.parametrize(("stat", "expected"), [("Sum", "OK"), ("Average", "ALARM")])
def test_an_expression_that_is_low_waits_for_whole_counts(
    yard: Yard, stat: str, expected: str
) -> None:
    low = BASE | {"ComparisonOperator": "LessThanThreshold"}
    asked = [metric("n", "Calls", stat=stat), {"Id": "r", "Expression": "n / 2"}]
    yard.points("40x3 10", NOON, metric="Calls")
    yard.answered(NOON - HOUR, NOON)
    yard.engine(other("few", **low, Metrics=asked), settling=timedelta(minutes=1)).tick(NOON)
    assert state(yard, "few")[0] == expected


def test_an_expression_that_asks_for_less_waits_too(yard: Yard) -> None:
    asked = [metric("n", "Calls"), {"Id": "r", "Expression": "IF(n < 20, 99, 0)"}]
    yard.points("40x3 10", NOON, metric="Calls")
    yard.answered(NOON - HOUR, NOON)
    yard.engine(other("few", **BASE, Metrics=asked), settling=timedelta(minutes=1)).tick(NOON)
    assert state(yard, "few")[0] == "OK"


def test_an_expression_waits_for_all_that_it_reads(yard: Yard) -> None:
    yard.points("90", NOON, metric="Errors")
    yard.engine(RATE).tick(NOON)
    assert state(yard, "rate")[0] == "INSUFFICIENT_DATA"
    assert problem(yard, "rate") == (
        "App/Orders in 111111111111/eu-central-1 has not been collected yet."
    )


def test_an_expression_that_would_be_refused_never_stops_another(yard: Yard) -> None:
    yard.points("30", NOON, metric="Errors")
    yard.points("100", NOON, metric="Calls")
    yard.answered(NOON - HOUR, NOON)
    wrong = other("wrong", **BASE, Metrics=[{"Id": "r", "Expression": "e + 1"}])
    yard.engine(wrong, RATE).tick(NOON)
    assert "Metrics: r: unknown Id `e`" in problem(yard, "wrong")
    assert state(yard, "rate")[0] == "ALARM"


def test_an_alarm_on_promql_says_that_it_cannot_be_judged(yard: Yard) -> None:
    criteria = {"PromQLCriteria": {"Query": "up == 0"}}
    yard.engine(other("promql", EvaluationCriteria=criteria, EvaluationInterval=60)).tick(NOON)
    assert problem(yard, "promql").startswith("Alarms on PromQL cannot be evaluated here")


class Flat:
    """A band of 0 to 10, except in slots that begin at a time of ``unknown``."""

    def __init__(self, *unknown: int) -> None:
        self.unknown, self.asked = unknown, list[tuple[str, str, float]]()

    def prepare(self, wanted: Sequence[tuple[Subject, Sequence[Slot]]]) -> None:
        """Nothing is read."""

    def band(
        self, subject: Subject, deviations: float, slots: Sequence[Slot]
    ) -> list[tuple[float | None, float | None]]:
        (of,) = subject.inputs
        self.asked.append((of.key.metric, of.statistic, deviations))
        return [(None, None) if s in self.unknown else (0.0, 10.0) for s, _ in slots]


BAND = other(
    "band",
    EvaluationPeriods=1, DatapointsToAlarm=1, ComparisonOperator="GreaterThanUpperThreshold",
    ThresholdMetricId="b",
    Metrics=[
        metric("m", "Errors", shown=True), {"Id": "b", "Expression": "ANOMALY_DETECTION_BAND(m, 3)"}
    ],
)  # fmt: skip


def test_a_point_above_its_band_raises_the_alarm(yard: Yard) -> None:
    yard.points("1 1 11", NOON, metric="Errors")
    yard.answered(NOON - HOUR, NOON)
    flat = Flat()
    yard.engine(BAND, bands=flat).tick(NOON)
    assert flat.asked == [("Errors", "Sum", 3.0)]
    now, reason = state(yard, "band")
    assert now == "ALARM"
    assert reason == (
        "Thresholds Crossed: 1 out of the last 1 datapoints [11.0 (01/01/26 11:59:00)] was greater "
        "than the upper thresholds [10.0] (minimum 1 datapoint for OK -> ALARM transition)."
    )


def test_a_point_without_its_band_is_missing(yard: Yard) -> None:
    yard.points("1 1 11", NOON, metric="Errors")
    yard.answered(NOON - HOUR, NOON)
    yard.engine(BAND, bands=Flat(round(NOON.timestamp()) - 60)).tick(NOON)
    assert state(yard, "band")[0] == "OK"


QUERY = 'SELECT MAX(Busy) FROM "App/Orders"'
WORST = other(
    "worst",
    **BASE,
    Metrics=[{"Id": "q", "Expression": f"{QUERY} GROUP BY Team ORDER BY MAX() DESC", "Period": 60}],
)


def loads(yard: Yard, minute: int, **teams: str) -> None:
    end = NOON + minute * MINUTE
    for team, line in teams.items():
        yard.points(line, end, metric="Busy", dimensions={"Team": team})
    yard.answered(end - HOUR, end, groups=[metrics_group(NAMESPACE)])


def firing(yard: Yard) -> list[dict[str, str]]:
    kept = yard.store.ledger.statuses()[HEAD + "worst"].reason_data["contributors"]
    return [each["attributes"] for each in kept.values()]


def test_the_series_of_a_query_are_contributors(yard: Yard) -> None:
    loads(yard, 0, a="20", b="5")
    engine = yard.engine(WORST)
    engine.tick(NOON)
    assert problem(yard, "worst") == ""
    assert state(yard, "worst") == ("ALARM", "1 out of 2 time series evaluated to ALARM")
    assert firing(yard) == [{"Team": "a"}]
    loads(yard, 1, a="20", b="30")
    engine.tick(NOON + MINUTE)
    assert state(yard, "worst") == ("ALARM", "2 out of 2 time series evaluated to ALARM")
    assert changes(yard, "worst") == ["ALARM"]
    assert firing(yard) == [{"Team": "b"}, {"Team": "a"}]


def test_each_contributor_is_told_by_itself(yard: Yard) -> None:
    def told(minute: int) -> list[tuple[str, str, str]]:
        now = NOON + minute * MINUTE
        return [
            (d.transition.attributes.get("Team", ""), str(d.transition.old), str(d.transition.new))
            for d in reversed(yard.store.ledger.deliveries())
            if d.transition.at == now
        ]

    loads(yard, 0, a="20", b="5")
    engine = yard.engine(WORST)
    engine.tick(NOON)
    assert told(0) == [("a", "OK", "ALARM")]  # and not once more for the alarm
    loads(yard, 1, a="20", b="30")
    engine.tick(NOON + MINUTE)
    assert told(1) == [("b", "OK", "ALARM")]
    loads(yard, 2, a="5", b="30")
    engine.tick(NOON + 2 * MINUTE)
    assert told(2) == [("a", "ALARM", "OK")]
    loads(yard, 3, a="5", b="5")
    yard.engine(WORST).tick(NOON + 3 * MINUTE)
    assert told(3) == [("b", "ALARM", "OK")]
    assert changes(yard, "worst") == ["ALARM", "OK"]


def test_tags_of_a_metric_with_many_dimensions_are_found_at_once(yard: Yard) -> None:
    teams = Resource("arn:a", PLACE.account, PLACE.region, "teams", "team", "a", "a",
                     tags={"env": "prod"}, dimensions={"Team": "a"})  # fmt: skip
    yard.resources([teams], NOON)
    tagged = Tagged(yard.store.resources)
    many = {f"D{n}": "x" for n in range(29)}
    assert tagged.of(PLACE, many | {"Team": "a"}) == {"env": "prod"}
    assert tagged.of(PLACE, many) == {}


def test_more_series_than_count_are_partial_data(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.insights.MOST_SERIES", 2)
    loads(yard, 0, a="20", b="5", c="4")
    engine = yard.engine(WORST)
    engine.tick(NOON)
    assert state(yard, "worst") == ("ALARM", "1 out of 2 time series evaluated to ALARM")
    assert problem(yard, "worst").startswith("PARTIAL_DATA: ")
    engine.tick(NOON + MINUTE)
    assert problem(yard, "worst").startswith("PARTIAL_DATA: ")


def test_a_restart_remembers_which_series_were_in_alarm(yard: Yard) -> None:
    loads(yard, 0, a="20", b="5")
    yard.engine(WORST).tick(NOON)
    loads(yard, 5, b="5x5")
    yard.engine(WORST).tick(NOON + 5 * MINUTE)
    assert state(yard, "worst") == ("OK", "2 time series evaluated to OK")
    assert firing(yard) == []


def test_a_query_asks_for_the_tags_of_what_a_metric_belongs_to(yard: Yard) -> None:
    loads(yard, 0, a="20", b="30", c="40")
    yard.resources(
        [
            Resource(f"arn:{name}", PLACE.account, PLACE.region, "teams", "team", name, name,
                     tags=tags, dimensions={"Team": name})
            for name, tags in (("a", {"env": "prod"}), ("b", {"env": "test"}), ("c", {}))
        ],
        NOON,
    )  # fmt: skip
    query = f"{QUERY} WHERE tag.env = 'prod' GROUP BY tag.env ORDER BY MAX() DESC"
    every = f"{QUERY} GROUP BY tag.env ORDER BY MAX() DESC"
    worst, all_ = (
        other(name, **BASE, Metrics=[{"Id": "q", "Expression": text, "Period": 60}])
        for name, text in (("worst", query), ("all", every))
    )
    yard.engine(worst, all_).tick(NOON)
    assert firing(yard) == [{"tag.env": "prod"}]
    assert state(yard, "all") == ("ALARM", "3 out of 3 time series evaluated to ALARM")


def test_a_query_without_groups_is_one_series(yard: Yard) -> None:
    loads(yard, 0, a="20", b="5")
    whole = other("whole", **BASE, Metrics=[{"Id": "q", "Expression": QUERY, "Period": 60}])
    half = [{"Id": "q", "Expression": QUERY, "Period": 60, "ReturnData": False}]
    halved = other("half", **BASE, Metrics=[*half, {"Id": "h", "Expression": "q / 2"}])
    yard.engine(whole, halved).tick(NOON)
    assert (state(yard, "whole")[0], state(yard, "half")[0]) == ("ALARM", "OK")


def test_an_alarm_that_warms_up_waits_for_its_window(yard: Yard) -> None:
    warm = {"WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 60}}
    made = other(
        "warm",
        **BASE | {"EvaluationPeriods": 3} | warm,
        Metrics=[metric("m", "Errors", shown=True)],
    )
    yard.answered(NOON - HOUR, NOON)
    engine = yard.engine(made)
    for minute in range(5):
        engine.tick(NOON + minute * MINUTE)
        at = NOON + (minute + 1) * MINUTE
        yard.points("90", at, metric="Errors")
        yard.answered(at - MINUTE, at)
    (change,) = yard.store.ledger.transitions(alarm=HEAD + "warm")
    assert change.at == NOON + 3 * MINUTE


def test_a_composite_follows_its_children_in_the_same_tick(yard: Yard) -> None:
    yard.points("93.5", NOON)
    yard.points("5", NOON, metric="Other")
    yard.answered(NOON - HOUR, NOON)
    both = other("both", AlarmRule="ALARM(orders) AND NOT ALARM(quiet)")
    top = other("top", AlarmRule="ALARM(both)")
    engine = yard.engine(top, both, alarm(), alarm("quiet", MetricName="Other"))
    engine.tick(NOON)
    arn = "arn:aws:cloudwatch:eu-central-1:111111111111:alarm:"
    assert state(yard, "both") == (
        "ALARM", f"{arn}both was created and its alarm rule evaluates to ALARM"
    )  # fmt: skip
    assert state(yard, "top")[0] == "ALARM"
    yard.points("93.5", NOON + MINUTE)
    yard.points("93.5", NOON + MINUTE, metric="Other")
    yard.answered(NOON, NOON + MINUTE)
    engine.tick(NOON + MINUTE)
    assert state(yard, "both") == (
        "OK", f"{arn}quiet transitioned to ALARM at Thursday 01 January, 2026 12:01:00 UTC"
    )  # fmt: skip
    assert yard.store.ledger.statuses()[HEAD + "both"].reason_data == {
        "triggeringAlarms": [
            {
                "arn": f"{arn}quiet",
                "state": {"value": "ALARM", "timestamp": "2026-01-01T12:01:00.000+0000"},
            }
        ]
    }
    assert changes(yard, "top") == ["ALARM", "OK"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("ALARM(nobody)", "alarms [111111111111/eu-central-1/nobody] in the alarm rule do not"),
        ("ALARM(other)", "the rule would depend on itself: loop -> other -> loop"),
        ("ALARM(arn:aws:cloudwatch:eu-west-1:111111111111:alarm:a)", "Wrong ARN region, it was"),
        ("ALARM(arn:aws:cloudwatch:eu-central-1:2:alarm:a)", "from another AWS account"),
        ("ALARM(orders", "AWS would refuse this alarm: the rule ends too early"),
    ],
)
def test_a_composite_that_cannot_be_judged_says_why(yard: Yard, rule: str, expected: str) -> None:
    looping = other("other", AlarmRule="ALARM(loop) OR ALARM(orders)")
    yard.points("93.5", NOON)
    yard.answered(NOON - HOUR, NOON)
    yard.engine(other("loop", AlarmRule=rule), looping, alarm()).tick(NOON)
    assert expected in problem(yard, "loop")
    assert state(yard, "orders")[0] == "ALARM"
