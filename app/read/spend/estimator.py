"""What an estimator is: quantities that a person knows, and what they are billed as."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

Quantities = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Part:
    """One usage type of an estimator, and how its quantity comes from those that are given.

    ``service`` is only named where the bill has the usage type under another one.
    """

    usage_type: str
    quantity: Callable[[Quantities], Decimal]
    service: str = ""


@dataclass(frozen=True, slots=True)
class Estimator:
    """What can be estimated; ``takes`` are the names and units of its quantities a month."""

    kind: str
    title: str
    service: str
    takes: Mapping[str, str]
    parts: tuple[Part, ...]


def given(name: str) -> Callable[[Quantities], Decimal]:
    """A quantity that is billed as it is given."""
    return lambda quantities: quantities[name]


def plain(kind: str, title: str, service: str, parts: Mapping[str, tuple[str, str]]) -> Estimator:
    """Quantities that are billed as they are: name to unit and usage type."""
    return Estimator(
        kind,
        title,
        service,
        {name: unit for name, (unit, _) in parts.items()},
        tuple(Part(usage_type, given(name)) for name, (_, usage_type) in parts.items()),
    )
