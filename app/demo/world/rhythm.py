"""How busy people are: the shape of a day, of a week, and slow growth."""

from __future__ import annotations

import numpy as np

from app.demo.world.noise import Floats, Minutes, Noise

_DAY = 1440
_WEEK = 7 * _DAY
# 1970-01-01 was a Thursday; day 4 after it is the first Monday.
_FIRST_MONDAY = 4 * _DAY

# fmt: off
_HOURS = np.array([
    0.42, 0.33, 0.28, 0.25, 0.26, 0.33, 0.48, 0.70, 0.92, 1.08, 1.17, 1.20,
    1.16, 1.12, 1.15, 1.18, 1.22, 1.28, 1.38, 1.50, 1.55, 1.38, 1.02, 0.66,
])
# fmt: on
_WEEKDAYS = np.array([1.04, 1.06, 1.05, 1.02, 0.97, 0.84, 0.90])
_GROWTH_PER_DAY = 0.0004
_GROWTH_FROM = 20_454 * _DAY  # 2026-01-01


def activity(noise: Noise, name: str, minutes: Minutes, ahead: int = 60) -> Floats:
    """Demand around 1: day, week, growth and weather; ``ahead`` of UTC by that many minutes."""
    local = minutes + ahead
    day = np.interp((local % _DAY) / 60.0, np.arange(24) + 0.5, _HOURS, period=24.0)
    weekday = ((local - _FIRST_MONDAY) % _WEEK) / _DAY
    week = np.interp(weekday, np.arange(7) + 0.5, _WEEKDAYS, period=7.0)
    growth = np.maximum(1.0 + _GROWTH_PER_DAY * (minutes - _GROWTH_FROM) / _DAY, 0.5)
    weather = 1.0 + 0.07 * noise.smooth(f"{name}/hours", minutes, 90)
    weather += 0.05 * noise.smooth(f"{name}/days", minutes, 700)
    busy: Floats = day * week * growth * weather
    return busy
