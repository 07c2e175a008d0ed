from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.demo.world.noise import Noise

MINUTES = np.arange(29_500_000, 29_520_000, dtype=np.int64)


def test_a_minute_has_the_same_chance_in_every_process():
    drawn = Noise(1).uniform("people", MINUTES[:3])
    assert drawn.tolist() == [0.3658619586497375, 0.8016892897874995, 0.6059967641250544]


def test_another_seed_draws_otherwise():
    assert not (Noise(1).uniform("people", MINUTES) == Noise(2).uniform("people", MINUTES)).any()


def test_another_name_draws_otherwise():
    noise = Noise(1)
    assert not (noise.uniform("a", MINUTES) == noise.uniform("b", MINUTES)).any()


@given(st.integers(0, 19_000), st.integers(1, 500))
def test_a_draw_does_not_depend_on_what_else_is_asked(first, length):
    noise, part = Noise(7), slice(first, first + length)
    for draw in (noise.uniform, noise.normal):
        assert (draw("x", MINUTES)[part] == draw("x", MINUTES[part])).all()
    assert (noise.smooth("x", MINUTES, 90)[part] == noise.smooth("x", MINUTES[part], 90)).all()


def test_normal_draws_have_mean_zero_and_deviation_one():
    drawn = Noise(3).normal("x", MINUTES)
    assert drawn.mean() == pytest.approx(0, abs=0.03)
    assert drawn.std() == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("rate", [0.02, 0.7, 3.0, 40.0, 900.0])
def test_counts_are_whole_and_have_the_mean_of_their_rate(rate):
    drawn = Noise(3).count("x", np.full(len(MINUTES), rate), MINUTES)
    assert (drawn == np.floor(drawn)).all()
    assert drawn.min() >= 0
    assert drawn.mean() == pytest.approx(rate, rel=0.1)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 1.0])
def test_a_part_is_never_more_than_the_whole(share):
    whole = Noise(3).count("x", np.full(len(MINUTES), 50.0), MINUTES)
    part = Noise(3).thin("y", whole, share, MINUTES)
    assert (part <= whole).all()
    assert part.mean() == pytest.approx(50.0 * share, rel=0.1)


def test_a_smooth_line_makes_no_leaps():
    line = Noise(3).smooth("x", MINUTES, 90)
    assert np.abs(np.diff(line)).max() < 0.05
    assert np.ptp(line) > 1.0
