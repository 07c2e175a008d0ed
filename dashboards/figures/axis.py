"""The value axis: four lines or fewer at round numbers, the unit on the top one only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from app.model.written import MINUS, NBSP

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
_CLOCK = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0)
_LINES = 4
_LEAST = 1e-9  # a span below this share of the values is no span


@dataclass(frozen=True, slots=True)
class Scale:
    """From ``start`` on, values are divided by ``factor`` and carry ``symbol``."""

    start: float
    factor: float
    symbol: str


@dataclass(frozen=True, slots=True)
class Axis:
    """Where the axis begins and ends, and what stands beside its lines."""

    low: float
    high: float
    at: tuple[float, ...]
    text: tuple[str, ...]


def axis(low: float, high: float, unit: str, *, from_zero: bool = True) -> Axis:
    """The axis that holds ``low`` to ``high``; from 0 unless a level lies far from it."""
    if not (math.isfinite(low) and math.isfinite(high)):
        low, high = 0.0, 1.0
    if from_zero or low == high:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < _LEAST * max(1.0, abs(high)):
        high = low + max(1.0, abs(low))
    scale = _scale(max(abs(low), abs(high)), unit)
    step = _step((high - low) / scale.factor, scale) * scale.factor
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    at = tuple(step * n for n in range(first, last + 1))
    text = tuple(_written(mark / scale.factor) for mark in at)
    text = (*text[:-1], text[-1] + scale.symbol)
    return Axis(at[0], at[-1], at, _as_money(text) if unit in _MONEY else text)


def _scale(size: float, unit: str) -> Scale:
    scales = _SCALES.get(unit, _SCALES["count"])
    return next((scale for scale in scales if size >= scale.start), scales[-1])


def _step(span: float, scale: Scale) -> float:
    """The smallest round step that needs no more lines than allowed."""
    if scale.symbol in _SIXTIES:
        found = next((step for step in _CLOCK if span / step <= _LINES - 1), None)
        if found:
            return found
    power = 10.0 ** math.floor(math.log10(span / (_LINES - 1)))
    return next(power * step for step in _ROUND if span / (power * step) <= _LINES - 1 + 1e-9)


def _written(mark: float) -> str:
    text = f"{abs(mark):,.3f}".rstrip("0").rstrip(".") if abs(mark) >= 0.001 else f"{abs(mark):.1g}"
    return MINUS + text if mark < 0 else text if mark else "0"


def _as_money(text: tuple[str, ...]) -> tuple[str, ...]:
    """The sign on the top line only; a part has two places: 0.50 and not 0.5."""
    whole = text[-1][-1:].isalpha()  # thousands and more, which have no cents
    cents = [f"{one}0" if one[-2:-1] == "." and not whole else one for one in text]
    return (*cents[:-1], f"${cents[-1]}")


def _scales(*steps: tuple[float, float, str]) -> tuple[Scale, ...]:
    return tuple(Scale(*step) for step in steps)


def _durations(second: float) -> tuple[Scale, ...]:
    """Durations for values counted in 1/``second`` of a second."""
    return _scales(
        (172_800 * second, 86_400 * second, f"{NBSP}d"),
        (7_200 * second, 3_600 * second, f"{NBSP}h"),
        (120 * second, 60 * second, f"{NBSP}min"),
        (2 * second, second, f"{NBSP}s"),
        (0.0, second / 1000, f"{NBSP}ms"),
    )


def _thousands(tail: str, prefix: str = NBSP) -> tuple[Scale, ...]:
    powers = ((1e12, 1e12, "T"), (1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))
    named = ((start, factor, f"{prefix}{name}{tail}") for start, factor, name in powers)
    return _scales(*named, (0.0, 1.0, tail))


def _bytes(tail: str) -> tuple[Scale, ...]:
    names = ((4, "TiB"), (3, "GiB"), (2, "MiB"), (1, "KiB"))
    named = ((2 * 1024.0**n, 1024.0**n, f"{NBSP}{name}{tail}") for n, name in names)
    return _scales(*named, (0.0, 1.0, f"{NBSP}B{tail}"))


_MONEY = ("usd", "usd_fine")
_SIXTIES = (f"{NBSP}min",)
_SCALES: Mapping[str, tuple[Scale, ...]] = {
    "count": _thousands(""),
    "none": _thousands(""),
    "percent": _scales((0.0, 1.0, f"{NBSP}%")),
    "availability": _scales((0.0, 1.0, f"{NBSP}%")),
    "milliseconds": _durations(1000.0),
    "seconds": _durations(1.0),
    "bytes": _bytes(""),
    "bytes_per_second": _bytes("/s"),
    "per_second": _thousands("/s"),
    "usd": _thousands(""),
    "usd_fine": _thousands(""),
}
