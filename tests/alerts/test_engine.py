"""The tick over a real store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.model.groups import alarmed_group, metrics_group
from app.model.rounds import Result
from app.model.states import AlarmState
from tests.support.alarm_yard import NAMESPACE, NOON, Yard, alarm

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
OK, ALARM = AlarmState.OK, AlarmState.ALARM
INSUFFICIENT_DATA = AlarmState.INSUFFICIENT_DATA
ID = "111111111111/eu-central-1/orders"


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path)
    yield made
    made.close()


def status(yard: Yard, name: str = ID):
    return yard.store.ledger.statuses()[name]


def changes(yard: Yard) -> list[tuple[AlarmState, AlarmState]]:
    return [(t.old, t.new) for t in reversed(yard.store.ledger.transitions())]


def told(yard: Yard) -> list[tuple[str, AlarmState]]:
    return [(d.channel, d.transition.new) for d in reversed(yard.store.ledger.deliveries())]


def test_a_new_alarm_begins_unchecked(yard: Yard) -> None:
    yard.engine(alarm()).tick(NOON)
    assert status(yard).state is INSUFFICIENT_DATA
    assert status(yard).reason == "Unchecked: Initial alarm creation"
    assert changes(yard) == []


def test_a_breach_raises_the_alarm_and_tells_its_channels(yard: Yard) -> None:
    yard.points("5 5 93.5", NOON)
    yard.answered(NOON - HOUR, NOON)
    yard.engine(alarm()).tick(NOON)
    assert status(yard).state is ALARM
    assert status(yard).since == NOON
    assert status(yard).reason == (
        "Threshold Crossed: 1 out of the last 1 datapoints [93.5 (01/01/26 11:59:00)] was greater "
        "than the threshold (80.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    assert changes(yard) == [(INSUFFICIENT_DATA, ALARM)]
    assert told(yard) == [("ops", ALARM)]


def test_a_state_that_stays_is_not_recorded_again(yard: Yard) -> None:
    yard.points("93.5x2", NOON)
    yard.answered(NOON - HOUR, NOON)
    engine = yard.engine(alarm())
    engine.tick(NOON)
    engine.tick(NOON + MINUTE)
    assert changes(yard) == [(INSUFFICIENT_DATA, ALARM)]
    assert status(yard).updated == NOON


def test_the_recovery_is_told(yard: Yard) -> None:
    yard.points("93.5", NOON)
    yard.answered(NOON - HOUR, NOON)
    engine = yard.engine(alarm())
    engine.tick(NOON)
    yard.points("5", NOON + MINUTE)
    yard.answered(NOON, NOON + MINUTE)
    engine.tick(NOON + MINUTE)
    assert told(yard) == [("ops", ALARM), ("ops", OK)]


def test_the_first_ok_of_a_new_alarm_is_recorded_and_stays_quiet(yard: Yard) -> None:
    yard.points("5", NOON)
    yard.answered(NOON - HOUR, NOON)
    yard.engine(alarm()).tick(NOON)
    assert changes(yard) == [(INSUFFICIENT_DATA, OK)]
    assert told(yard) == []


def test_a_recovery_through_insufficient_data_is_told(yard: Yard) -> None:
    engine = yard.engine(alarm())
    yard.points("93.5 _x9 5", NOON + 11 * MINUTE)
    yard.answered(NOON - HOUR, NOON + MINUTE)
    engine.tick(NOON + MINUTE)
    yard.answered(NOON, NOON + 9 * MINUTE)
    engine.tick(NOON + 9 * MINUTE)
    yard.answered(NOON, NOON + 11 * MINUTE)
    engine.tick(NOON + 11 * MINUTE)
    assert changes(yard) == [
        (INSUFFICIENT_DATA, ALARM),
        (ALARM, INSUFFICIENT_DATA),
        (INSUFFICIENT_DATA, OK),
    ]
    assert [state for _, state in told(yard)] == [ALARM, INSUFFICIENT_DATA, OK]


def test_without_actions_a_change_is_recorded_and_nobody_is_told(yard: Yard) -> None:
    yard.points("93.5", NOON)
    yard.answered(NOON - HOUR, NOON)
    yard.engine(alarm(ActionsEnabled=False)).tick(NOON)
    assert changes(yard) == [(INSUFFICIENT_DATA, ALARM)]
    assert told(yard) == []


def test_missing_data_follows_the_treatment(yard: Yard) -> None:
    yard.answered(NOON - HOUR, NOON)
    yard.engine(
        alarm("a", TreatMissingData="breaching"),
        alarm("b", TreatMissingData="notBreaching"),
        alarm("c", TreatMissingData="missing"),
    ).tick(NOON)
    states = {name[-1]: s.state for name, s in yard.store.ledger.statuses().items()}
    assert states == {"a": ALARM, "b": OK, "c": INSUFFICIENT_DATA}


def test_what_was_never_asked_is_a_problem_and_not_missing_data(yard: Yard) -> None:
    yard.engine(alarm(TreatMissingData="breaching")).tick(NOON)
    assert status(yard).state is INSUFFICIENT_DATA
    assert status(yard).problem == (
        "App/Orders in 111111111111/eu-central-1 has not been collected yet."
    )


def test_a_collector_that_cannot_ask_changes_no_state_and_says_why(yard: Yard) -> None:
    yard.points("5", NOON)
    yard.answered(NOON - HOUR, NOON)
    engine = yard.engine(alarm(TreatMissingData="breaching"))
    engine.tick(NOON)
    yard.failed(NOON + 30 * MINUTE, Result.DENIED, "the role lacks cloudwatch:GetMetricData.")
    engine.tick(NOON + 30 * MINUTE)
    assert status(yard).state is OK
    assert status(yard).problem == (
        "AWS could not be asked for App/Orders in 111111111111/eu-central-1 since "
        "2026-01-01 12:00 UTC: the role lacks cloudwatch:GetMetricData."
    )
    assert changes(yard) == [(INSUFFICIENT_DATA, OK)]


def test_the_problem_goes_when_aws_answers_again(yard: Yard) -> None:
    yard.points("5", NOON)
    yard.answered(NOON - HOUR, NOON)
    engine = yard.engine(alarm())
    engine.tick(NOON)
    engine.tick(NOON + 30 * MINUTE)
    assert status(yard).problem
    yard.points("5x29", NOON + 30 * MINUTE)
    yard.answered(NOON, NOON + 30 * MINUTE)
    engine.tick(NOON + 31 * MINUTE)
    assert status(yard).problem == ""
    assert changes(yard) == [(INSUFFICIENT_DATA, OK)]


def test_an_alarm_waits_until_everything_it_looks_at_was_asked(yard: Yard) -> None:
    yard.points("93.5x4", NOON)
    yard.answered(NOON - 4 * MINUTE, NOON)
    engine = yard.engine(alarm(EvaluationPeriods=3, DatapointsToAlarm=3))
    engine.tick(NOON)
    assert status(yard).state is INSUFFICIENT_DATA
    assert "only since 2026-01-01 11:56 UTC" in status(yard).problem
    yard.answered(NOON - HOUR, NOON)
    engine.tick(NOON)
    assert status(yard).state is ALARM


def test_a_hole_in_what_was_asked_keeps_the_state(yard: Yard) -> None:
    yard.points("5x60", NOON)
    yard.answered(NOON - HOUR, NOON - 5 * MINUTE)
    yard.answered(NOON - 2 * MINUTE, NOON)
    yard.engine(alarm(EvaluationPeriods=3, DatapointsToAlarm=1)).tick(NOON)
    assert status(yard).state is INSUFFICIENT_DATA
    assert "looks further back" in status(yard).problem


def test_alarms_are_judged_at_the_end_of_what_was_answered(yard: Yard) -> None:
    yard.points("93.5", NOON - 2 * MINUTE)
    yard.answered(NOON - HOUR, NOON - 2 * MINUTE)
    yard.engine(alarm(TreatMissingData="breaching", DatapointsToAlarm=1)).tick(NOON)
    assert status(yard).reason_data["queryDate"] == "2026-01-01T11:58:00.000+0000"
    assert status(yard).state is ALARM


def test_what_ordinary_reading_answered_is_too_new_for_an_alarm_that_is_read_by_itself(
    yard: Yard,
) -> None:
    yard.points("20x4 _x4", NOON + 4 * MINUTE)
    yard.answered(NOON - HOUR, NOON, groups=[alarmed_group(NAMESPACE, 300)])
    yard.answered(NOON - HOUR, NOON + 4 * MINUTE, groups=[metrics_group(NAMESPACE)])
    yard.engine(alarm(Period=300, Statistic="Sum")).tick(NOON + 4 * MINUTE)
    assert status(yard).reason_data["recentDatapoints"] == [100.0]


def test_time_further_back_may_have_been_answered_by_ordinary_reading(yard: Yard) -> None:
    yard.points("93.5", NOON)
    yard.answered(NOON - MINUTE, NOON, groups=[alarmed_group(NAMESPACE)])
    yard.answered(NOON - HOUR, NOON - MINUTE, groups=[metrics_group(NAMESPACE)])
    yard.engine(alarm(TreatMissingData="notBreaching")).tick(NOON)
    assert status(yard).state is ALARM


@pytest.mark.parametrize(("minutes", "is_late"), [(14, False), (15, True)])
def test_an_alarm_of_five_minutes_waits_four_minutes_longer(
    yard: Yard, minutes: int, is_late: bool
) -> None:
    yard.points("5x20", NOON)
    yard.answered(NOON - HOUR, NOON)
    yard.engine(alarm(Period=300)).tick(NOON + minutes * MINUTE)
    assert ("could not be asked" in status(yard).problem) is is_late


def test_alarms_on_one_series_are_judged_as_often_as_the_most_impatient(yard: Yard) -> None:
    yard.points("5x20", NOON)
    yard.answered(NOON - HOUR, NOON, groups=[alarmed_group(NAMESPACE, 60)])
    yard.engine(alarm("slow", Period=300), alarm("quick")).tick(NOON)
    assert status(yard, "111111111111/eu-central-1/slow").state is OK


def test_one_alarm_that_aws_would_refuse_stops_no_other(yard: Yard) -> None:
    yard.points("93.5", NOON)
    yard.answered(NOON - HOUR, NOON)
    yard.engine(alarm("odd", Period=90), alarm()).tick(NOON)
    odd = status(yard, "111111111111/eu-central-1/odd")
    assert odd.problem == (
        "AWS would refuse this alarm: Period must be 10, 20, 30 or a multiple of 60."
    )
    assert status(yard).state is ALARM


def test_five_minutes_are_added_up_from_minutes_that_end_now(yard: Yard) -> None:
    now = NOON + 7 * MINUTE
    yard.points("0 0 2 2 2 2 2", now)
    yard.answered(NOON - HOUR, now)
    yard.engine(alarm(Period=300, Statistic="Sum", Threshold=9.0)).tick(now)
    assert status(yard).reason_data["evaluatedDatapoints"] == [
        {"timestamp": "2026-01-01T12:02:00.000+0000", "sampleCount": 5.0, "value": 10.0}
    ]


LOW = {"ComparisonOperator": "LessThanThreshold", "Threshold": 50.0}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Statistic": "Sum", **LOW}, OK),  # the last minute may still grow
        ({"Statistic": "Maximum", **LOW}, ALARM),
        ({"Statistic": "Sum"}, OK),
        ({"Statistic": "Sum", "Threshold": 30.0}, ALARM),
        ({"Statistic": "Sum", "Period": 300, "ComparisonOperator": "LessThanThreshold"}, OK),
    ],
)
def test_an_alarm_on_too_little_waits_for_whole_counts(
    yard: Yard, fields: dict[str, object], expected: AlarmState
) -> None:
    yard.points("60x5 40", NOON)
    yard.answered(NOON - HOUR, NOON)
    yard.engine(alarm(**fields), settling=MINUTE).tick(NOON)
    assert status(yard).state is expected


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [("Sum", 60.0), ("Average", 20.0), ("Minimum", 10.0), ("Maximum", 30.0), ("SampleCount", 3.0)],
)
def test_each_statistic_of_a_slot(yard: Yard, statistic: str, expected: float) -> None:
    yard.points("_ 10 20 30 _", NOON)
    yard.answered(NOON - HOUR, NOON)
    yard.engine(alarm(Period=300, Statistic=statistic, Threshold=1.0)).tick(NOON)
    assert status(yard).reason_data["recentDatapoints"] == [expected]


def test_a_percentile_is_judged_at_its_own_period(yard: Yard) -> None:
    yard.points("5x11", NOON)
    yard.statistic("p99", "120 400", NOON, period=300)
    yard.answered(NOON - HOUR, NOON + 2 * MINUTE)
    p99 = alarm(Statistic=None, ExtendedStatistic="p99", Period=300, Threshold=300.0)
    yard.engine(p99).tick(NOON + 2 * MINUTE)
    assert status(yard).state is ALARM
    assert status(yard).reason_data["evaluatedDatapoints"] == [
        {"timestamp": "2026-01-01T11:55:00.000+0000", "sampleCount": 5.0, "value": 400.0}
    ]


def test_a_percentile_on_few_samples_keeps_its_state(yard: Yard) -> None:
    yard.points("5x11", NOON)
    yard.statistic("p99", "120 400", NOON, period=300)
    yard.answered(NOON - HOUR, NOON)
    few = alarm(
        Statistic=None, ExtendedStatistic="p99", Period=300, Threshold=300.0,
        EvaluateLowSampleCountPercentile="ignore",
    )  # fmt: skip
    yard.engine(few).tick(NOON)
    assert status(yard).state is INSUFFICIENT_DATA


def test_a_window_older_than_the_head_is_read_from_segments(yard: Yard) -> None:
    yard.points("1x2999 _ 1", NOON)
    yard.answered(NOON - timedelta(days=6), NOON)
    heartbeat = alarm(
        Period=86_400, Statistic="Sum", Threshold=1400.0, ComparisonOperator="LessThanThreshold",
        EvaluationPeriods=2, DatapointsToAlarm=2,
    )  # fmt: skip
    yard.engine(heartbeat).tick(NOON)
    assert status(yard).state is OK
    assert status(yard).reason_data["recentDatapoints"] == [1440.0, 1439.0]


def test_a_series_that_appears_later_is_found(yard: Yard) -> None:
    yard.answered(NOON - HOUR, NOON)
    engine = yard.engine(alarm())
    engine.tick(NOON)
    yard.points("93.5", NOON + MINUTE)
    yard.answered(NOON, NOON + MINUTE)
    engine.tick(NOON + MINUTE)
    assert status(yard).state is ALARM


def test_a_restart_changes_nothing(yard: Yard) -> None:
    yard.points("93.5", NOON)
    yard.answered(NOON - HOUR, NOON)
    yard.engine(alarm()).tick(NOON)
    before = yard.store.ledger.statuses()
    yard.close()
    again = Yard(yard.folder, NOON)
    again.engine(alarm()).tick(NOON)
    assert again.store.ledger.statuses() == before
    assert changes(again) == [(INSUFFICIENT_DATA, ALARM)]
    assert told(again) == [("ops", ALARM)]
    again.close()


def test_a_changed_threshold_keeps_the_state_until_it_is_judged(yard: Yard) -> None:
    yard.points("93.5", NOON)
    yard.answered(NOON - HOUR, NOON)
    yard.engine(alarm()).tick(NOON)
    yard.engine(alarm(Threshold=100.0)).tick(NOON)
    assert changes(yard) == [(INSUFFICIENT_DATA, ALARM), (ALARM, OK)]


def test_the_time_of_a_change_of_configuration_is_kept(yard: Yard) -> None:
    yard.engine(alarm()).tick(NOON)
    yard.engine(alarm()).tick(NOON + HOUR)
    (kept,) = yard.store.ledger.definitions()
    assert kept.put["AlarmConfigurationUpdatedTimestamp"] == "2026-01-01T12:00:00.000+0000"
    yard.engine(alarm(Threshold=1.0)).tick(NOON + HOUR)
    (changed,) = yard.store.ledger.definitions()
    assert changed.put["AlarmConfigurationUpdatedTimestamp"] == "2026-01-01T13:00:00.000+0000"


def test_a_window_that_is_read_in_parts_gives_the_same(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    for metric, line in {"A": "95x10", "B": "5x10", "C": "5x9 95"}.items():
        yard.points(line, NOON, metric=metric)
    yard.answered(NOON - HOUR, NOON)
    alarms = [alarm(name, MetricName=name, Period=300, Statistic="Maximum") for name in "ABC"]
    monkeypatch.setattr("alerts.points.CELLS", 20)
    yard.engine(*alarms).tick(NOON)
    states = {name[-1]: s.state for name, s in yard.store.ledger.statuses().items()}
    assert states == {"A": ALARM, "B": OK, "C": ALARM}
