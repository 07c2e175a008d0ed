"""What pydantic found wrong in a service file, in words that name the remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from app.catalogue.schema import Service
from app.config.mistakes import Location, suggestion

_STATISTICS = "Average, Sum, Minimum, Maximum, SampleCount, IQM, p99, tm95, ..."


def explained(error: ValidationError, raw: object) -> Iterator[tuple[Location, str]]:
    """Where in the file each mistake stands and what to do about it."""
    if not isinstance(raw, Mapping):
        yield (), "must be keys and values, as in `id: sqs`"
        return
    seen: set[Location] = set()
    for detail in error.errors():
        kind, location = detail["type"], _in_file(detail["loc"], raw)
        if location in seen:
            continue
        seen.add(location)
        context: dict[str, Any] = detail.get("ctx", {})
        if kind == "missing":
            yield location, "is missing; add it"
        elif kind == "extra_forbidden":
            known = _known_fields(Service, location[:-1], raw)
            yield location, f"is no known key; {suggestion(str(location[-1]), known)}"
        elif kind in ("literal_error", "enum"):
            yield location, f"is none of {context['expected']}"
        elif kind == "string_pattern_mismatch" and "Average" in str(context.get("pattern")):
            yield location, f"is no statistic of CloudWatch; write one of {_STATISTICS}"
        else:
            yield location, f"does not fit: {detail['msg'].lower()}"


def _in_file(path: tuple[str | int, ...], raw: Any) -> Location:
    """pydantic's location without the names of union members, which no file holds."""
    kept: list[str | int] = []
    value = raw
    for position, part in enumerate(path):
        last = position == len(path) - 1
        inside = _inside(value, part)
        if inside or (last and isinstance(value, Mapping) and part != "float"):
            kept.append(part)
            value = value[part] if inside else None
    return tuple(kept)


def _inside(value: object, part: str | int) -> bool:
    if isinstance(value, Mapping):
        return part in value
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    return is_list and isinstance(part, int) and part < len(value)  # type: ignore[arg-type]


def _known_fields(model: type[BaseModel], way: Location, raw: Any) -> list[str]:
    """The keys that the model at ``way`` knows."""
    for part in way:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        inner = _models_in(field.annotation) if field else []
        if not inner:
            return []
        model = inner[0]
    return list(model.model_fields)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The models that an annotation such as ``tuple[Metric, ...]`` names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    inner = (_models_in(each) for each in getattr(annotation, "__args__", ()))
    return [model for models in inner for model in models]
