"""Every AWS error has an outcome of its own; anything else has failed."""

from __future__ import annotations

import pytest

from app.model import errors
from app.model.rounds import Result
from app.model.states import Health


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.Throttled("slow down"), Result.THROTTLED),
        (errors.Denied("no"), Result.DENIED),
        (errors.Expired("old"), Result.EXPIRED),
        (errors.RegionOff("off"), Result.REGION_OFF),
        (errors.NotEnabled("off"), Result.NOT_ENABLED),
        (errors.Unreachable("gone"), Result.UNREACHABLE),
        (errors.BadRequest("what"), Result.BAD_REQUEST),
        (errors.CircuitOpen("wait"), Result.CIRCUIT_OPEN),
        (errors.OverBudget("dear"), Result.OVER_BUDGET),
        (errors.StoreFull("full"), Result.FAILED),
        (ValueError("bug"), Result.FAILED),
    ],
)
def test_an_error_has_its_outcome(error: Exception, expected: Result) -> None:
    assert Result.of(error) is expected


def test_every_aws_error_is_told_apart() -> None:
    told = {Result.of(kind("x")) for kind in errors.AwsError.__subclasses__()}
    assert len(told) == len(errors.AwsError.__subclasses__())
    assert Result.FAILED not in told


def test_trouble_weighs_more_than_calm() -> None:
    order = sorted(
        [Health.OK, Health.NO_DATA, Health.CRITICAL, Health.WARNING], key=lambda h: h.weight
    )
    assert order == [Health.CRITICAL, Health.WARNING, Health.NO_DATA, Health.OK]
