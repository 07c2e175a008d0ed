"""A band knows the hours and days of a series, its level and its spread, by the past only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.query.metric_math import QueryError, evaluate
from app.query.metric_math.band import band, fitted
from app.query.metric_math.values import Grid

Floats = npt.NDArray[np.float64]
MONDAY = 1_767_571_200
"""2026-01-05 00:00 UTC."""
DAY, PERIOD = 86_400, 300
SLOTS = DAY // PERIOD


def noise(size: int, seed: int = 1) -> Floats:
    return np.random.default_rng(seed).normal(0, 1, size)


def grid(days: float) -> Grid:
    return Grid(MONDAY, PERIOD, round(days * SLOTS))


def hours(over: Grid) -> Floats:
    return over.times() % DAY / 3600


def daily(over: Grid) -> Floats:
    """Between 0 and 100 by the hour, highest at noon, with noise of 2."""
    return 50 - 50 * np.cos(2 * np.pi * hours(over) / 24) + 2 * noise(over.size)


def the_band(values: Floats, over: Grid, days: float, **options: float) -> tuple[Floats, Floats]:
    return band(values, over, options.get("deviations", 2.0), round(days * SLOTS))


def outside(values: Floats, over: Grid, days: float) -> npt.NDArray[np.bool_]:
    lower, upper = the_band(values, over, days)
    return (values[-lower.size :] < lower) | (values[-lower.size :] > upper)


def test_a_band_follows_the_hours_of_a_day() -> None:
    over = grid(15)
    values = daily(over)
    lower, upper = the_band(values, over, 14)
    assert (upper - lower).max() < 40
    assert outside(values, over, 14).mean() < 0.01


def test_what_is_usual_at_noon_is_not_at_night() -> None:
    over = grid(14.25)
    values = daily(over)
    night = round(14.1 * SLOTS)
    values[night] = 60
    assert outside(values, over, 14)[night - 14 * SLOTS]


def test_a_band_knows_the_weekend() -> None:
    over = grid(21)
    values = daily(over)
    weekend = over.times() % (7 * DAY) >= (MONDAY % (7 * DAY) + 5 * DAY) % (7 * DAY)
    weekend = ((over.times() - MONDAY) // DAY % 7) >= 5
    values[weekend] = 5 + noise(int(weekend.sum()), seed=2)
    breaches = outside(values, over, 14)
    assert breaches[:SLOTS].mean() < 0.01  # Monday
    assert breaches[6 * SLOTS :].mean() < 0.01  # Sunday
    values[-6 * 12 * 2] = 40  # noon of Sunday, usual on workdays
    assert outside(values, over, 14)[-6 * 12 * 2]


def test_a_shift_of_level_is_outside_until_it_is_the_level() -> None:
    over = grid(15)
    values = 50 + noise(over.size)
    values[14 * SLOTS :] += 30
    breaches = outside(values, over, 14)
    assert breaches[: SLOTS // 12].all()
    assert not breaches[SLOTS // 4 :].any()


def test_a_job_at_its_hour_is_expected_and_at_another_it_is_not() -> None:
    over = grid(15)
    values = 1 + 0.01 * noise(over.size)
    values[(hours(over) >= 2) & (hours(over) < 2.2)] = 10
    breaches = outside(values, over, 14)
    assert not breaches.any()
    values[round(14.5 * SLOTS)] = 5
    assert outside(values, over, 14)[SLOTS // 2]


def test_bursts_at_any_hour_widen_the_band() -> None:
    over = grid(15)
    values = 1 + 0.01 * noise(over.size)
    at = np.random.default_rng(3).choice(14 * SLOTS, 60, replace=False)
    values[at] = np.random.default_rng(4).uniform(50, 80, 60)
    _, upper = the_band(values, over, 14)
    assert 60 < upper.min() <= upper.max() < 90


def test_a_wider_band_is_asked_for_in_deviations() -> None:
    over = grid(14.1)
    values = 100 + noise(over.size)
    narrow, wide = (the_band(values, over, 14, deviations=k) for k in (2.0, 4.0))
    assert (wide[1] - wide[0]) == pytest.approx(2 * (narrow[1] - narrow[0]))


def test_bounds_stay_at_0_where_nothing_was_ever_below() -> None:
    over = grid(15)
    values = np.abs(noise(over.size))
    assert the_band(values, over, 14)[0].min() == 0
    assert the_band(values - 1, over, 14)[0].max() < -1


def test_less_than_half_a_day_teaches_nothing() -> None:
    over = grid(1)
    lower, upper = the_band(noise(over.size), over, 0)
    assert np.isnan(lower[: SLOTS // 2]).all()
    assert not np.isnan(upper[SLOTS // 2 :]).any()


def test_excluded_stretches_teach_nothing() -> None:
    over = grid(14.1)
    values = 100 + noise(over.size)
    values[9 * SLOTS : 11 * SLOTS] = np.where(noise(2 * SLOTS) > 0, 500, 100)
    stretch = (MONDAY + 9 * DAY, MONDAY + 11 * DAY)
    first = 14 * SLOTS
    assert band(values, over, 2.0, first)[1].max() > 400
    assert band(values, over, 2.0, first, [stretch])[1].max() < 110


def test_a_constant_has_a_narrow_band() -> None:
    over = grid(2)
    lower, upper = the_band(np.full(over.size, 100.0), over, 1)
    assert lower == pytest.approx(99.97)
    assert upper == pytest.approx(100.03)


def test_gaps_are_no_zeros() -> None:
    over = grid(15)
    values = 100 + noise(over.size)
    values[np.random.default_rng(5).random(over.size) < 0.7] = np.nan
    lower, upper = the_band(values, over, 14)
    assert lower.min() > 90
    assert upper.max() < 110


@pytest.mark.parametrize("period", [60, 420, 2400, 3600])
def test_any_period_has_a_band(period: int) -> None:
    over = Grid(MONDAY, period, 15 * DAY // period)
    values = 50 - 50 * np.cos(2 * np.pi * hours(over) / 24) + 2 * noise(over.size)
    lower, upper = band(values, over, 2.0, 14 * DAY // period)
    ours = values[-lower.size :]
    assert ((ours < lower) | (ours > upper)).mean() < 0.05
    assert np.median(upper - lower) < 60


def test_nothing_is_learnt_of_nothing() -> None:
    over = grid(14)
    assert fitted(over.times(), np.full(over.size, np.nan), PERIOD) is None


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 287), st.integers(1, 100), st.integers(0, 5))
def test_a_bound_depends_on_the_past_only(at: int, later: int, seed: int) -> None:
    """Not on when it is computed, nor on what comes after, nor on more than two weeks of past."""
    over = grid(16)
    values = daily(over) + noise(over.size, seed)
    slot = 15 * SLOTS + at
    whole = [side[0] for side in band(values, over, 2.0, slot)]
    cut = 288 * seed // 5
    short = Grid(over.start + cut * PERIOD, PERIOD, slot + 1 - cut)
    changed = values.copy()
    changed[slot:] = -later
    assert [s[0] for s in band(changed, over, 2.0, slot)] == whole
    assert [s[-1] for s in band(values[cut : slot + 1], short, 2.0, slot - 10 - cut)] == whole


START = MONDAY + 14 * DAY


def rows(values: Floats, over: Grid) -> list[list[float]]:
    return [[float(t), float(v)] for t, v in zip(over.times(), values, strict=True)]


def test_an_expression_learns_its_band_from_the_points_before_its_start() -> None:
    over = grid(14.25)
    values = daily(over)
    given_series = {"m": rows(values, over)}
    result = evaluate("ANOMALY_DETECTION_BAND(m, 3)", given_series, PERIOD, START, START + 3600)
    lower, upper = band(values, over, 3.0, 14 * SLOTS)
    found = [[value for _, value in each.values] for each in result.array or []]
    assert found == [lower[:12].tolist(), upper[:12].tolist()]
    assert [each.id for each in result.array or []] == ["lower", "upper"]


def test_a_band_may_be_of_an_expression() -> None:
    over = grid(14.25)
    values = daily(over)
    one = evaluate(
        "LAST(ANOMALY_DETECTION_BAND(m * 2))", {"m": rows(values, over)}, PERIOD, START, START + 600
    )
    other = evaluate(
        "LAST(ANOMALY_DETECTION_BAND(m))", {"m": rows(2 * values, over)}, PERIOD, START, START + 600
    )
    assert one.series == other.series != []


def test_too_short_a_past_gives_no_points_and_none_at_all_is_a_mistake() -> None:
    over = grid(1)
    series = {"m": rows(daily(over), over)}
    soon = MONDAY + 3600
    result = evaluate("ANOMALY_DETECTION_BAND(m)", series, PERIOD, soon, soon + 600)
    assert [each.values for each in result.array or []] == [[], []]
    with pytest.raises(QueryError, match="learnt from points before the start"):
        evaluate("ANOMALY_DETECTION_BAND(m)", series, PERIOD, MONDAY, MONDAY + 600)


def test_one_incident_does_not_widen_a_band() -> None:
    over = grid(14.1)
    values = 100 + noise(over.size)
    values[round(10.3 * SLOTS)] = 1000
    assert the_band(values, over, 14)[1].max() < 106


def test_what_comes_back_as_it_was_stays_inside() -> None:
    over = grid(16)
    values = np.ones(over.size)
    values[np.random.default_rng(6).choice(over.size, 120, replace=False)] = 1.1
    assert not outside(values, over, 14).any()


def test_eight_days_are_enough_to_know_the_weekend() -> None:
    over = grid(13)
    values = daily(over)
    weekend = ((over.times() - MONDAY) // DAY % 7) >= 5
    values[weekend] = 5 + noise(int(weekend.sum()), seed=2)
    assert outside(values, over, 12).mean() < 0.01
    values[-6 * 12 * 2] = 60  # noon of Saturday, usual on workdays
    assert outside(values, over, 12)[-6 * 12 * 2]
