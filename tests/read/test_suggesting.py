"""Thresholds out of history: the nearest round number that would have been quiet enough."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.read.suggesting import Asked, Suggestion, suggest

DAY = 1440
ABOVE = Asked(60, n=5, m=5, above=True, strict=True, threshold=2500.0, unit="milliseconds")
BELOW = Asked(60, n=3, m=2, above=False, strict=True, threshold=1.0, unit="count")


def days(count: int, value: float = 100.0) -> np.ndarray:
    """A steady series with one slow minute in fifty."""
    values = np.full(count * DAY, value)
    values[::50] = value * 1.5
    return values


def test_the_nearest_round_number_that_would_have_been_quiet_is_taken() -> None:
    found = suggest(days(14), ABOVE)
    assert (found.threshold, found.fired, found.now_fired) == (200.0, 0, 0)
    assert found.why.replace("\u00a0", " ") == (
        "In 14 d of values half were at or below 100 ms, 99 % at or below 150 ms, "
        "the highest was 150 ms. Above 200 ms the alarm would never have fired. "
        "At 2.5 s it would never have fired."
    )


def test_an_incident_a_week_does_not_raise_the_threshold_above_it() -> None:
    values = days(14)
    values[3 * DAY : 3 * DAY + 30] = 900.0
    values[9 * DAY : 9 * DAY + 30] = 900.0
    found = suggest(values, ABOVE)
    assert (found.threshold, found.fired) == (200.0, 2)


def test_what_happens_every_day_is_usual() -> None:
    values = days(14)
    for day in range(14):
        values[day * DAY : day * DAY + 30] = 900.0
    found = suggest(values, ABOVE)
    assert (found.threshold, found.fired) == (1200.0, 0)


def test_a_breach_shorter_than_the_alarm_asks_for_fires_nothing() -> None:
    values = days(14)
    values[100:104] = 9000.0
    assert suggest(values, replace(ABOVE, threshold=1000.0)).now_fired == 0
    values[104] = 9000.0
    assert suggest(values, replace(ABOVE, threshold=1000.0)).now_fired == 1


@pytest.mark.parametrize(("m", "fired"), [(2, 1), (3, 0)])
def test_m_of_n_counts(m: int, fired: int) -> None:
    values = days(2)
    values[100], values[102] = 9000.0, 9000.0
    asked = replace(ABOVE, n=3, m=m, threshold=1000.0)
    assert suggest(values, asked).now_fired == fired


@pytest.mark.parametrize(("strict", "fired"), [(True, 0), (False, 1)])
def test_the_threshold_itself_breaches_only_where_it_is_meant_to(strict: bool, fired: int) -> None:
    values = days(2)
    values[100:110] = 1000.0
    assert suggest(values, replace(ABOVE, threshold=1000.0, strict=strict)).now_fired == fired


def test_what_runs_out_is_looked_at_from_below() -> None:
    values = days(14)
    values[5000:5010] = 20.0
    found = suggest(values, BELOW)
    assert (found.threshold, found.fired) == (80.0, 1)
    assert "Below 80 the alarm would have fired once." in found.why


def test_a_gap_is_no_breach() -> None:
    values = days(14)
    values[::2] = np.nan
    assert suggest(values, replace(BELOW, threshold=50.0)).now_fired == 0


def test_a_series_that_was_always_zero_makes_anything_unusual() -> None:
    found = suggest(np.zeros(14 * DAY), replace(ABOVE, threshold=5.0, unit="count"))
    assert found.threshold == 0.0
    assert found.why.startswith(
        "In 14\u00a0d of values it always was 0. Anything above is unusual."
    )
    assert suggest(np.zeros(14 * DAY), replace(ABOVE, strict=False)).threshold == 1.0


def test_little_history_suggests_nothing_and_says_so() -> None:
    assert suggest(np.full(120, np.nan), ABOVE) == Suggestion(
        None, "There are no values so far; a suggestion needs a day of them."
    )
    assert suggest(np.ones(120), ABOVE).why == (
        "There are only 2\u00a0h of values so far; a suggestion needs a day of them."
    )
