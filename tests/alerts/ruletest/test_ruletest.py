"""Rule tests as people write them: what passes, what fails and how that is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alerts.ruletest import Outcome, load_suite, points, run, words
from app.config import ConfigMistakes
from app.model.states import AlarmState

ALARM = """
alarms:
  - &late
    AlarmName: late
    Namespace: App
    MetricName: Age
    Statistic: Maximum
    Period: 60
    EvaluationPeriods: 3
    DatapointsToAlarm: 2
    Threshold: 80
    ComparisonOperator: GreaterThanThreshold
"""


def ran(tmp_path: Path, text: str, alarms: str = ALARM) -> Outcome:
    file = tmp_path / "late.test.yaml"
    file.write_text(f"{alarms}{text}", encoding="utf-8")
    return run(load_suite(file, lambda path: []))


def test_states_that_are_as_expected_pass(tmp_path: Path) -> None:
    outcome = ran(
        tmp_path,
        """
tests:
  - alarm: late
    series: 1x4 90 _ 95 1x9
    expect:
      0s: INSUFFICIENT_DATA
      5m: OK
      7m: OK
      8m: {state: ALARM, reason: 2 out of the last 3 datapoints}
      10m: OK
""",
    )
    assert (outcome.cases, outcome.checked, outcome.failures) == (1, 5, ())


def test_a_failure_tells_the_line_the_slots_and_the_step(tmp_path: Path) -> None:
    [failure] = ran(
        tmp_path,
        """
tests:
  - name: two in a row
    alarm: late
    series: 1x4 90 1 95
    expect:
      8m: OK
""",
    ).failures
    assert (failure.case, failure.line) == ("two in a row", 19)
    assert f"{failure.at:%H:%M}" == "00:08"
    assert (failure.expected, failure.got) == ("OK", "ALARM")
    assert failure.because == (
        "slots 0 0 X 0 X (oldest first), before: OK",
        "The evaluation range holds 5 slots of 60 s; 5 of them have a point, 3 are asked for.",
        "The newest 3 points count, 2 of them breach; older ones are left out.",
        "Step 1: enough points, and 2 breaches are at least 2: ALARM.",
    )


def test_a_reason_that_lacks_the_words_fails(tmp_path: Path) -> None:
    outcome = ran(
        tmp_path,
        """
tests:
  - {alarm: late, series: 1x9, expect: {5m: {state: OK, reason: breaching}}}
""",
    )
    assert len(outcome.failures) == 1


def test_shorter_intervals_are_samples_of_the_statistic(tmp_path: Path) -> None:
    outcome = ran(
        tmp_path,
        """
tests:
  - {alarm: late, interval: 10s, series: 1x5 1x4 90 1x5 1x4 90, expect: {2m: OK, 4m: ALARM}}
""",
    )
    assert outcome.failures == ()


def test_metrics_of_an_expression_have_a_line_each(tmp_path: Path) -> None:
    outcome = ran(
        tmp_path,
        """
tests:
  - alarm:
      AlarmName: rate
      EvaluationPeriods: 1
      Threshold: 0.1
      ComparisonOperator: GreaterThanThreshold
      Metrics:
        - {Id: rate, Expression: errors / requests}
        - {Id: errors, ReturnData: false, MetricStat: &stat {
            Period: 60, Stat: Sum, Metric: {Namespace: App, MetricName: Errors}}}
        - {Id: requests, ReturnData: false, MetricStat: *stat}
    series: {errors: 0x2 5, requests: 10x9}
    expect: {2m: OK, 4m: ALARM}
""",
    )
    assert outcome.failures == ()


def test_a_band_has_a_line_for_each_side(tmp_path: Path) -> None:
    outcome = ran(
        tmp_path,
        """
tests:
  - alarm:
      AlarmName: odd
      EvaluationPeriods: 1
      ComparisonOperator: GreaterThanUpperThreshold
      ThresholdMetricId: band
      Metrics:
        - {Id: m1, MetricStat: {
            Period: 60, Stat: Average, Metric: {Namespace: App, MetricName: Load}}}
        - {Id: band, Expression: "ANOMALY_DETECTION_BAND(m1, 2)"}
    series: {m1: 5x2 20}
    band: {lower: 0x9, upper: 10x9}
    expect: {2m: OK, 4m: ALARM}
""",
    )
    assert outcome.failures == ()


def test_a_composite_follows_its_children(tmp_path: Path) -> None:
    outcome = ran(
        tmp_path,
        """
tests:
  - alarm: {AlarmName: both, AlarmRule: ALARM(web) AND NOT ALARM(deploy)}
    children: {web: OKx2 ALARM, deploy: OKx4 ALARM}
    expect: {2m: OK, 3m: ALARM, 5m: ALARM}
""",
    )
    [failure] = outcome.failures
    assert (failure.expected, failure.got) == ("ALARM", "OK")
    assert failure.because == ("web: ALARM", "deploy: ALARM", "decided by deploy")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("tests: [{alarm: late, series: 1y, expect: {1m: OK}}]",
                     "13: tests[0].series: `1y` is neither a number, a run (0+10x3) nor a gap (_)",
                     id="series"),
        pytest.param("tests: [{alarm: lat, expect: {1m: OK}}]",
                     "13: tests[0].alarm: there is no alarm `lat`; known are late", id="alarm"),
        pytest.param("tests: [{alarm: late, expect: {1m: GOOD}}]", "`GOOD` is not possible",
                     id="state"),
        pytest.param("tests: [{alarm: late, expect: {soon: OK}}]", "`soon` is not a duration",
                     id="time"),
        pytest.param("tests: [{alarm: late, expects: {1m: OK}}]", "did you mean `expect`?",
                     id="key"),
        pytest.param("tests: [{alarm: {AlarmName: x}, expect: {1m: OK}}]",
                     "AWS would refuse this alarm: ", id="refused"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigMistakes) as told:
        ran(tmp_path, text)
    assert message in str(told.value)


@pytest.mark.parametrize(
    ("line", "values"),
    [
        pytest.param("0+10x3 _ 7", [0, 10, 20, 30, None, 7], id="run and gap"),
        pytest.param("5x2 _x2", [5, 5, 5, None, None], id="repeated"),
        pytest.param("-1.5 .5 1e3", [-1.5, 0.5, 1000], id="numbers"),
        pytest.param("4-2x2", [4, 2, 0], id="falling"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_points_on_one_line(line: str, values: list[Any]) -> None:
    assert points(line) == values


def test_a_slip_of_the_keyboard_is_no_million_points() -> None:
    with pytest.raises(ValueError, match="more than 100,000"):
        points("1x1000000")


def test_states_on_one_line() -> None:
    assert words("OKx1 ALARM") == [AlarmState.OK, AlarmState.OK, AlarmState.ALARM]
    with pytest.raises(ValueError, match="`GOOD` is no state"):
        words("GOOD")
