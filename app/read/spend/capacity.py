"""From what is asked of a service to the units that it is billed in."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

READ_KB, WRITE_KB = 4, 1
"""What one unit of DynamoDB reads or writes at a time."""

EPHEMERAL_FREE_MB = 512
HALF = Decimal("0.5")
Number = Decimal | float | int


def read_units(item_kb: Number, *, strong: bool = True, transactional: bool = False) -> Decimal:
    """Read units of one read of an item, of one that is not there too.

    An eventually consistent read takes half, one in a transaction twice as many.
    """
    units = _whole(_decimal(item_kb) / READ_KB)
    if transactional:
        return units * 2
    return units if strong else units * HALF


def write_units(item_kb: Number, *, transactional: bool = False) -> Decimal:
    """Write units of one write of an item; in a transaction twice as many."""
    units = _whole(_decimal(item_kb) / WRITE_KB)
    return units * 2 if transactional else units


def gb_seconds(invocations: Number, average_ms: Number, memory_mb: Number) -> Decimal:
    """What invocations of a function come to."""
    seconds = _decimal(invocations) * _decimal(average_ms) / 1000
    return seconds * _decimal(memory_mb) / 1024


def ephemeral_gb_seconds(invocations: Number, average_ms: Number, ephemeral_mb: Number) -> Decimal:
    """Storage of invocations beyond the 512 MB that each function has for nothing."""
    extra = max(_decimal(ephemeral_mb) - EPHEMERAL_FREE_MB, Decimal(0))
    return gb_seconds(invocations, average_ms, extra)


def seconds_of(amount_gb_seconds: Number, memory_gb: Number) -> Decimal:
    """How long a function of that memory can run for so many GB-seconds."""
    return _decimal(amount_gb_seconds) / _decimal(memory_gb)


def _whole(value: Decimal) -> Decimal:
    return max(value.to_integral_value(ROUND_CEILING), Decimal(1))


def _decimal(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
