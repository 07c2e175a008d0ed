"""What holds of alarms of every kind, however points come and processes go."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.verdict import evaluate
from app.model.groups import alarmed_group, metrics_group
from app.read.logs import LogsReader
from tests.support.alarm_yard import NAMESPACE, NOON, PACES, Yard, alarm, other

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOW = 1_767_268_800
SLOW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
GROUPS = [*(alarmed_group(NAMESPACE, pace) for pace in PACES), metrics_group(NAMESPACE)]

value = st.sampled_from(["_", "5", "95"])
line = st.lists(value, min_size=7, max_size=7)


def metric(id_: str, name: str) -> dict[str, Any]:
    of = {"Namespace": NAMESPACE, "MetricName": name}
    return {
        "Id": id_,
        "ReturnData": False,
        "MetricStat": {"Metric": of, "Period": 60, "Stat": "Sum"},
    }


BASE: dict[str, Any] = {
    "EvaluationPeriods": 2, "DatapointsToAlarm": 1, "Threshold": 80.0,
    "ComparisonOperator": "GreaterThanThreshold",
}  # fmt: skip
ALARMS = [
    alarm("plain", EvaluationPeriods=2),
    alarm("ignoring", EvaluationPeriods=2, DatapointsToAlarm=2, TreatMissingData="ignore"),
    alarm("filling", MetricName="Other", TreatMissingData="breaching"),
    other(
        "expression",
        **BASE,
        TreatMissingData="ignore",
        Metrics=[metric("a", "Signal"), metric("b", "Other"), {"Id": "e", "Expression": "a + b"}],
    ),
    other(
        "query",
        **BASE,
        Metrics=[
            {
                "Id": "q",
                "Expression": 'SELECT SUM(Team) FROM "App/Orders" GROUP BY T ORDER BY SUM() DESC',
                "Period": 60,
            }
        ],
    ),
    other("both", AlarmRule="ALARM(plain) AND NOT ALARM(filling)"),
    other("most", AlarmRule="AT_LEAST(50%, ALARM, (plain, ignoring, both))"),
]


class Story:
    """Minutes of a store: points, what was asked, and a tick after each."""

    def __init__(self, folder: Path) -> None:
        self.yard = Yard(folder)
        self.yard.answered(NOON - HOUR, NOON, groups=GROUPS)
        self.engine = self._engine()
        self.engine.tick(NOON)

    def _engine(self) -> Any:
        return self.yard.engine(*ALARMS, logs=LogsReader(self.yard.store))

    def restart(self) -> None:
        self.engine = self._engine()

    def minute(self, n: int, lines: Sequence[Sequence[str]], *, asked: bool = True) -> None:
        at = NOON + (n + 1) * MINUTE
        if asked:
            for name, each in zip(("Signal", "Other"), lines, strict=False):
                self.yard.points(each[n], at, metric=name)
            for team, each in zip("ab", lines[2:], strict=False):
                self.yard.points(each[n], at, metric="Team", dimensions={"T": team})
            self.yard.answered(at - MINUTE, at, groups=GROUPS)
        self.engine.tick(at)

    def transitions(self) -> list[tuple[str, str, str, str]]:
        found = self.yard.store.ledger.transitions(limit=1000)
        return [(t.alarm, f"{t.at:%H:%M}", str(t.new), t.reason) for t in reversed(found)]


def told(
    lines: Sequence[Sequence[str]],
    restarts: frozenset[int] = frozenset(),
    asked: Sequence[bool] = (True,) * 7,
) -> list[tuple[str, str, str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Path(folder))
        try:
            for n in range(7):
                if n in restarts:
                    story.restart()
                story.minute(n, lines, asked=asked[n])
            return story.transitions()
        finally:
            story.yard.close()


@SLOW
@given(st.lists(line, min_size=4, max_size=4), st.frozensets(st.integers(0, 6), min_size=1))
def test_a_restart_at_any_moment_changes_no_transition(
    lines: list[list[str]], restarts: frozenset[int]
) -> None:
    assert told(lines, restarts) == told(lines)


@SLOW
@given(st.lists(line, min_size=4, max_size=4), st.lists(st.booleans(), min_size=7, max_size=7))
def test_what_could_not_be_asked_neither_raises_nor_resolves(
    lines: list[list[str]], asked: list[bool]
) -> None:
    minutes = {"12:00"} | {f"12:{n + 1:02d}" for n, each in enumerate(asked) if each}
    assert {at for _, at, _, _ in told(lines, asked=asked)} <= minutes


def test_the_alarms_of_these_properties_do_change() -> None:
    lines = [list("5__5_55"), list("5555555"), list("5555555"), list("5555555")]
    lines[0][1], lines[1][4], lines[2][2] = "95", "95", "95"
    changed = {id_.split("/")[2] for id_, _, new, _ in told(lines) if new == "ALARM"}
    assert changed >= {"plain", "filling", "expression", "query", "both", "most"}


points = st.lists(
    st.tuples(st.integers(1, 6), st.one_of(st.none(), st.floats(-10, 10, allow_nan=False))),
    min_size=1, max_size=6, unique_by=lambda each: each[0],
)  # fmt: skip


@given(
    points, st.randoms(use_true_random=False), st.sampled_from(["missing", "ignore", "breaching"])
)
def test_any_order_of_arrival_ends_in_the_same_verdict(
    drawn: list[tuple[int, float | None]], draw: Any, treatment: str
) -> None:
    rows = [(NOW - 60 * slot, number, 3) for slot, number in drawn]
    mixed = list(rows)
    draw.shuffle(mixed)
    put = {
        "Namespace": "App", "MetricName": "M", "Statistic": "Average", "Period": 60,
        "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": treatment,
    }  # fmt: skip
    assert evaluate(put, rows, "OK", NOW) == evaluate(put, mixed, "OK", NOW)
    samples = [(at + shift, number) for at, number, _ in rows for shift in (0.5, 7, 59)]
    again = list(samples)
    draw.shuffle(again)
    one = evaluate(put, None, "OK", NOW, samples=samples)
    assert one == evaluate(put, None, "OK", NOW, samples=again)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_batches_in_any_order_end_in_the_same_state(tmp_path: Path, order: tuple[int, ...]) -> None:
    yard = Yard(tmp_path)
    for part in order:
        yard.points("95", NOON - part * MINUTE)
    yard.answered(NOON - HOUR, NOON)
    yard.engine(alarm("plain", EvaluationPeriods=3, DatapointsToAlarm=3)).tick(NOON)
    status = yard.store.ledger.statuses()["111111111111/eu-central-1/plain"]
    yard.close()
    assert status.reason.startswith("Threshold Crossed: 3 out of the last 3 datapoints")
