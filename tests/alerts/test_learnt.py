"""Bands of alarms are learnt from the store, and are the same whenever they are computed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alerts.bands import Input, Subject, band_of
from alerts.learnt import LearntBands
from app.query.metric_math.band import band
from app.query.metric_math.values import Grid
from tests.support.alarm_yard import NAMESPACE, NOON, Yard, key, other

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PERIOD = 300
SLOTS = 15 * 288
HEAD = "111111111111/eu-central-1/"


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path)
    yield made
    made.close()


def values(seed: int = 1) -> list[float]:
    """Fifteen days, ending at noon, around 100."""
    drawn = 100 + np.random.default_rng(seed).normal(0, 1, SLOTS)
    return [round(float(value), 3) for value in drawn]


def line(numbers: list[float]) -> str:
    return " ".join(map(str, numbers))


def subject(of: str = "m", *metrics: str) -> Subject:
    inputs = tuple(Input(name[0].lower(), key(name), "Sum") for name in metrics or ("M",))
    return Subject(of, inputs)


def bands(yard: Yard, **more: Any) -> LearntBands:
    return LearntBands(yard.store, yard.store.series, **more)


def slots(count: int, ago: int = 0) -> list[tuple[int, int]]:
    """The newest slots before noon, or before ``ago`` slots earlier."""
    end = round(NOON.timestamp()) - ago * PERIOD
    return [(end - (n + 1) * PERIOD, end - n * PERIOD) for n in reversed(range(count))]


def test_bounds_are_those_of_the_model_over_the_stored_points(yard: Yard) -> None:
    numbers = values()
    yard.points(line(numbers), NOON, metric="M", period=PERIOD)
    grid = Grid(round(NOON.timestamp()) - SLOTS * PERIOD, PERIOD, SLOTS)
    lower, upper = band(np.array(numbers), grid, 2.0, SLOTS - 100)
    found = bands(yard).band(subject(), 2.0, slots(100))
    assert found == [pytest.approx(each) for each in zip(lower, upper, strict=True)]


def test_bounds_do_not_depend_on_when_or_with_whom_they_are_asked_for(yard: Yard) -> None:
    yard.points(line(values()), NOON, metric="M", period=PERIOD)
    yard.points(line(values(2)), NOON, metric="N", period=PERIOD)
    alone = bands(yard).band(subject(), 2.0, slots(80))
    together = bands(yard)
    together.prepare([(subject("n", "N"), slots(80)), (subject(), slots(80))])
    assert together.band(subject(), 2.0, slots(80)) == alone
    assert together.band(subject(), 2.0, slots(5, ago=70)) == alone[5:10]


def test_a_band_may_be_around_an_expression(yard: Yard) -> None:
    one, two = values(), values(2)
    yard.points(line(one), NOON, metric="M", period=PERIOD)
    yard.points(line(two), NOON, metric="N", period=PERIOD)
    yard.points(
        line([a + b for a, b in zip(one, two, strict=True)]), NOON, metric="S", period=PERIOD
    )
    learnt = bands(yard)
    of_sum = learnt.band(subject("m + n", "M", "N"), 2.0, slots(3))
    assert of_sum == [pytest.approx(each) for each in learnt.band(subject("s", "S"), 2.0, slots(3))]


def test_excluded_stretches_teach_nothing(yard: Yard) -> None:
    numbers = values()
    numbers[2880:3168] = [100.0 if n % 7 else 500.0 for n in range(288)]
    yard.points(line(numbers), NOON, metric="M", period=PERIOD)
    start = round(NOON.timestamp()) - SLOTS * PERIOD
    stretch = (start + 2880 * PERIOD, start + 3168 * PERIOD)
    with_it = bands(yard).band(subject(), 2.0, slots(1))[0][1]
    without = bands(yard, excluded=[stretch]).band(subject(), 2.0, slots(1))[0][1]
    assert with_it is not None
    assert without is not None
    assert with_it > 200 > 110 > without


def test_the_level_of_a_bound_leaves_excluded_stretches_out_too(yard: Yard) -> None:
    numbers = values()
    numbers[-60:-1] = [500.0] * 59
    yard.points(line(numbers), NOON, metric="M", period=PERIOD)
    (first, _), *_ = slots(60)
    stretch = (float(first), NOON.timestamp() - PERIOD)
    (_, upper), *_ = bands(yard, excluded=[stretch]).band(subject(), 2.0, slots(1))
    assert upper is not None
    assert upper < 110


def test_an_unknown_series_and_a_short_past_have_no_bounds(yard: Yard) -> None:
    yard.points(line(values()[:100]), NOON, metric="M", period=PERIOD)
    learnt = bands(yard)
    assert learnt.band(subject(), 2.0, slots(2)) == [(None, None)] * 2
    assert learnt.band(subject("x", "X"), 2.0, slots(2)) == [(None, None)] * 2


def test_old_models_are_forgotten(yard: Yard) -> None:
    yard.points(line(values()), NOON, metric="M", period=PERIOD)
    learnt = bands(yard)
    learnt.prepare([(subject(), slots(1, ago=3 * 288))])
    learnt.prepare([(subject(), slots(1))])
    assert len(learnt._models) == 1


def put(expression: str) -> dict[str, Any]:
    def metric(id_: str, name: str) -> dict[str, Any]:
        of = {"Namespace": NAMESPACE, "MetricName": name}
        return {"Id": id_, "MetricStat": {"Metric": of, "Period": 60, "Stat": "Sum"}}

    shown = [metric("m", "M"), {**metric("n", "N"), "ReturnData": False}]
    return {"Metrics": [*shown, {"Id": "b", "Expression": expression}]}


NEEDS = (Input("m", key("M"), "Sum"), Input("n", key("N"), "Sum"))


def test_a_band_reads_only_the_metrics_that_it_is_around() -> None:
    found = band_of(put("ANOMALY_DETECTION_BAND(m, 3)"), NEEDS)
    assert found is not None
    assert (found.subject, found.deviations) == (Subject("m", NEEDS[:1]), 3.0)
    both = band_of(put("LAST(ANOMALY_DETECTION_BAND(m / n))"), NEEDS)
    assert both is not None
    assert (both.subject, both.deviations) == (Subject("m / n", NEEDS), 2.0)
    assert band_of(put("m + n"), NEEDS) is None


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("ANOMALY_DETECTION_BAND(x)", "around metrics and expressions over them only"),
        ("ANOMALY_DETECTION_BAND(m, 0)", "a number above 0"),
        ("FIRST(ANOMALY_DETECTION_BAND(m)) + FIRST(ANOMALY_DETECTION_BAND(n))", "one band only"),
    ],
)
def test_a_band_that_cannot_be_judged_says_why(expression: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        band_of(put(expression), NEEDS)


OUTSIDE = other(
    "band",
    EvaluationPeriods=1,
    ComparisonOperator="LessThanLowerOrGreaterThanUpperThreshold",
    ThresholdMetricId="b",
    **put("ANOMALY_DETECTION_BAND(m, 2)"),
)


def minutes(yard: Yard, newest: float) -> None:
    """Three days of minutes, the last of them ``newest``."""
    yard.points(line([*values()[:SLOTS], newest]), NOON, metric="M")


def judged(yard: Yard, newest: float) -> tuple[str, str]:
    minutes(yard, newest)
    yard.answered(NOON - HOUR, NOON)
    yard.engine(OUTSIDE, bands=bands(yard)).tick(NOON)
    status = yard.store.ledger.statuses()[HEAD + "band"]
    return str(status.state), status.reason


@pytest.mark.parametrize(
    ("newest", "state", "said"),
    [
        (100.5, "OK", "was not less than the lower thresholds [9"),
        (130, "ALARM", "[130.0 (01/01/26 11:59:00)] was less than the lower thresholds [9"),
        (70, "ALARM", "[70.0 (01/01/26 11:59:00)] was less than the lower thresholds [9"),
    ],
)
def test_an_alarm_is_judged_by_the_band_of_its_past(
    yard: Yard, newest: float, state: str, said: str
) -> None:
    now, reason = judged(yard, newest)
    assert now == state
    assert said in reason


def test_too_short_a_past_is_insufficient_data(yard: Yard) -> None:
    yard.points("100 100 130", NOON, metric="M", period=PERIOD)
    yard.answered(NOON - HOUR, NOON)
    yard.engine(OUTSIDE, bands=bands(yard)).tick(NOON)
    assert str(yard.store.ledger.statuses()[HEAD + "band"].state) == "INSUFFICIENT_DATA"


RATIO = other(
    "ratio",
    EvaluationPeriods=1,
    ComparisonOperator="GreaterThanThreshold",
    Threshold=0.0,
    Metrics=[
        {**put("")["Metrics"][0], "ReturnData": False},
        {"Id": "x", "Expression": "IF(m > LAST(ANOMALY_DETECTION_BAND(m)), 1, 0)"},
    ],
)


def test_an_expression_may_use_a_band(yard: Yard) -> None:
    minutes(yard, 130)
    yard.answered(NOON - HOUR, NOON)
    yard.engine(RATIO, bands=bands(yard)).tick(NOON)
    assert str(yard.store.ledger.statuses()[HEAD + "ratio"].state) == "ALARM"
