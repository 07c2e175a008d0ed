"""Reading members of a request: plain values in, checked values out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from app.demo.refusal import Refused, invalid
from app.model.ids import Place, SeriesKey

Request = Mapping[str, object]


def mapping(value: object) -> Request:
    """A structure of the request; empty where there is none."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> list[object]:
    """A list of the request; empty where there is none."""
    return list(value) if isinstance(value, list | tuple) else []


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def required(request: Request, name: str) -> object:
    """A member that must be there."""
    value = request.get(name)
    if value is None or value == "":
        raise Refused("MissingParameter", f"The parameter {name} is required.")
    return value


def number(value: object, name: str) -> float:
    """A number, however the protocol wrote it."""
    try:
        return float(str(value))
    except ValueError:
        raise Refused("InvalidParameterValue", f"{name} must be a number.") from None


def moment(value: object, name: str) -> float:
    """Epoch seconds from a number or an ISO 8601 text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        at = datetime.fromisoformat(text(value))
    except ValueError:
        raise Refused("InvalidParameterValue", f"{name} must be a timestamp.") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def dimensions(value: object) -> dict[str, str]:
    """Name and Value pairs as a mapping."""
    pairs = [mapping(item) for item in items(value)]
    return {text(pair.get("Name")): text(pair.get("Value")) for pair in pairs}


def series(place: Place, metric: Request) -> SeriesKey:
    """The series that a Metric structure names."""
    under = dimensions(metric.get("Dimensions"))
    if len(under) > 30:
        raise invalid("The collection Dimensions must not have a size greater than 30.")
    name, namespace = text(metric.get("MetricName")), text(metric.get("Namespace"))
    return SeriesKey.of(place, namespace, name, under)
