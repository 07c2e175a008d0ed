"""Filters and group keys of Cost Explorer: expressions over the dimensions of a charge."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.demo.refusal import Refused
from app.demo.spend.charges import Charge
from app.demo.telemetry.fields import Request, items, mapping, text

Wanted = Callable[[Charge], bool]

_DIMENSIONS: dict[str, Callable[[Charge], str]] = {
    "SERVICE": lambda c: c.service,
    "USAGE_TYPE": lambda c: c.usage_type,
    "REGION": lambda c: c.place.region,
    "LINKED_ACCOUNT": lambda c: c.place.account,
    "RECORD_TYPE": lambda c: c.record_type,
    "OPERATION": lambda c: c.operation or "NoOperation",
}


def validation(message: str) -> Refused:
    """How Cost Explorer refuses parameters."""
    return Refused("ValidationException", message)


def group_key(definition: Request) -> Callable[[Charge], str]:
    """What a GroupBy entry makes of a charge; tags are told as ``key$value``."""
    kind, key = text(definition.get("Type")), text(definition.get("Key"))
    if kind == "TAG":
        return lambda charge: f"{key}${charge.tags.get(key, '')}"
    if kind == "COST_CATEGORY":
        return lambda charge: f"{key}${_category(key, charge)}"
    return _dimension(key)


def _category(key: str, charge: Charge) -> str:
    """``Stage`` is the account's one cost category; any other sorts nothing."""
    return charge.tags.get("environment", "") if key == "Stage" else ""


def _dimension(key: str) -> Callable[[Charge], str]:
    found = _DIMENSIONS.get(key)
    if found is None:
        raise validation(f"Failed to parse dimension {key}: it cannot be grouped or filtered by.")
    return found


def expression(given: Request) -> Wanted:
    """Whether a charge passes a filter; exactly one member is allowed at each level."""
    if not given:
        return lambda _: True
    if len(given) > 1:
        raise validation("Expression has multiple roots; it may have exactly one.")
    name, inner = next(iter(given.items()))
    if name in ("And", "Or"):
        parts = _parts(name, items(inner))
        every = all if name == "And" else any
        return lambda charge: every(part(charge) for part in parts)
    if name == "Not":
        negated = expression(mapping(inner))
        return lambda charge: not negated(charge)
    return _values(name, mapping(inner))


def _parts(name: str, given: Sequence[object]) -> list[Wanted]:
    if len(given) < 2:
        raise validation(f"{name} needs at least two expressions.")
    return [expression(mapping(part)) for part in given]


def _values(name: str, given: Request) -> Wanted:
    key, wanted = text(given.get("Key")), [text(v) for v in items(given.get("Values"))]
    absent = "ABSENT" in items(given.get("MatchOptions"))
    if name == "Dimensions":
        value = _dimension(key)
        return lambda charge: value(charge) in wanted
    if name == "Tags":
        if absent:
            return lambda charge: key not in charge.tags
        return lambda charge: charge.tags.get(key, "") in wanted
    raise validation(f"The pretend Cost Explorer does not filter by {name}.")
