"""Numbers as CloudWatch writes them in reasons: doubles, 50.0 and 2.147483648E10."""

from __future__ import annotations

import math
from decimal import Decimal

_PLAIN_FROM, _PLAIN_TO = 1e-3, 1e7


def double(value: float) -> str:
    """Shortest digits that read back to the same double, in scientific form when far from 1."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or _PLAIN_FROM <= abs(value) < _PLAIN_TO:
        return _plain(value)
    sign, digits, exponent = Decimal(repr(float(value))).normalize().as_tuple()
    text = "".join(map(str, digits))
    power = int(exponent) + len(text) - 1
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{power}"


def _plain(value: float) -> str:
    text = format(Decimal(repr(float(value))), "f")
    return text if "." in text else f"{text}.0"
