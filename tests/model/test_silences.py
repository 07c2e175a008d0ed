"""Silences: which alarms they cover, and when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.model.alarms import AlarmDefinition, Severity, Silence
from app.model.ids import Place
from app.model.silences import covers, is_active, silenced_by

ALARM = AlarmDefinition(
    place=Place("111111111111", "eu-central-1"),
    put={"AlarmName": "lambda-errors-checkout"},
    severity=Severity.CRITICAL,
    service="lambda",
    resource="arn:aws:lambda:eu-central-1:111111111111:function:checkout",
)


def at(hour: int) -> datetime:
    return datetime(2026, 11, 24, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("matchers", "expected"),
    [
        pytest.param({"alarm": "lambda-errors-checkout"}, True, id="its name"),
        pytest.param(
            {"alarm": "111111111111/eu-central-1/lambda-errors-checkout"}, True, id="its id"
        ),
        pytest.param({"alarm": "lambda-errors-*"}, True, id="a glob over its name"),
        pytest.param({"service": "lambda", "region": "eu-*"}, True, id="all of several"),
        pytest.param({"service": "lambda", "region": "us-*"}, False, id="not all of several"),
        pytest.param({"colour": "red"}, False, id="an unknown field"),
        pytest.param({}, False, id="no matcher at all"),
    ],
)
def test_a_silence_covers_what_all_its_matchers_fit(
    matchers: dict[str, str], expected: bool
) -> None:
    assert covers(Silence(1, matchers), ALARM) is expected


def test_a_silence_ends_at_its_end() -> None:
    silence = Silence(1, {"service": "lambda"}, at(8), at(10))
    assert [is_active(silence, at(h)) for h in (7, 8, 9, 10)] == [False, True, True, False]


def test_of_several_silences_the_last_to_end_is_named() -> None:
    short = Silence(1, {"service": "lambda"}, at(8), at(10))
    long = Silence(2, {"alarm": "lambda-*"}, at(7), at(12))
    assert silenced_by(ALARM, [long, short], at(9)) == long
    assert silenced_by(ALARM, [short, long], at(11)) == long
    assert silenced_by(ALARM, [short, long], at(13)) is None
