"""What pydantic found, in words for the person who wrote the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from app.config.mistakes import Location, suggestion


def location_of(error: ErrorDetails, value: Any) -> Location:
    """Where the mistake stands in the file; pydantic's own steps through unions are left out."""
    steps: list[str | int] = []
    last = len(error["loc"]) - 1
    for position, step in enumerate(error["loc"]):
        inside = _inside(value, step)
        if inside is _NOT_THERE and position != last:
            continue
        if inside is _NOT_THERE and error["type"] not in ("missing", "extra_forbidden"):
            continue
        steps.append(step)
        value = inside
    return tuple(steps)


def message_of(error: ErrorDetails, model: type[BaseModel], location: Location, value: Any) -> str:
    """What is wrong there and what to do."""
    context = error.get("ctx", {})
    kind = error["type"]
    if kind == "extra_forbidden":
        return f"unknown key; {suggestion(str(location[-1]), _known(model, location[:-1], value))}"
    if kind == "missing":
        return f"is missing; add `{location[-1]}:` here"
    if kind == "value_error":
        return str(context["error"])
    if kind == "union_tag_invalid":
        tags = [tag.strip("' ") for tag in str(context["expected_tags"]).split(",")]
        return f"there is no type `{context['tag']}`; {suggestion(str(context['tag']), tags)}"
    if kind in ("literal_error", "enum"):
        return _one_of(str(context["expected"]), error["input"])
    if kind in _MESSAGES:
        return _MESSAGES[kind](context)
    return f"{error['msg'][:1].lower()}{error['msg'][1:]}"


_MESSAGES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "union_tag_not_found": lambda _: "has no `type`; known are slack, sns, webhook, console",
    "int_parsing": lambda _: "must be a whole number",
    "int_type": lambda _: "must be a whole number",
    "int_from_float": lambda _: "must be a whole number",
    "float_parsing": lambda _: "must be a number",
    "float_type": lambda _: "must be a number",
    "decimal_parsing": lambda _: "must be an amount in US dollars, as in 50 or 12.50",
    "decimal_type": lambda _: "must be an amount in US dollars, as in 50 or 12.50",
    "bool_parsing": lambda _: "must be true or false",
    "bool_type": lambda _: "must be true or false",
    "string_type": lambda _: "must be text; put it in quotes",
    "path_type": lambda _: "must be a path",
    "list_type": lambda _: "must be a list; write each entry on a line of its own after `- `",
    "dict_type": lambda _: "must be keys and values",
    "model_type": lambda _: "must be keys and values",
    "model_attributes_type": lambda _: "must be keys and values",
    "too_short": lambda _: "must not be empty",
    "string_too_short": lambda _: "must not be empty",
    "too_long": lambda c: f"holds more than {c['max_length']} entries",
    "string_too_long": lambda c: f"is longer than {c['max_length']} characters",
    "greater_than": lambda c: f"must be more than {c['gt']}",
    "greater_than_equal": lambda c: f"must be at least {c['ge']}",
    "less_than_equal": lambda c: f"must be at most {c['le']}",
}


def _one_of(expected: str, given: object) -> str:
    options = [o.strip("' ") for o in expected.replace(" or ", ", ").split(",")]
    return f"`{given}` is not possible; {suggestion(str(given), options)}"


class _Missing:
    pass


_NOT_THERE = _Missing()


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(value, dict) and step in value:
        return value[step]
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return _NOT_THERE


def _known(model: type[BaseModel], location: Location, value: Any) -> list[str]:
    """The keys that are possible at a location, following the annotations down to it."""
    annotation: Any = model
    for step in location:
        value = _inside(value, step)
        annotation = _narrowed(_step(annotation, step), value)
    return list(annotation.model_fields) if _is_model(annotation) else []


def _step(annotation: Any, step: str | int) -> Any:
    if _is_model(annotation):
        found = annotation.model_fields.get(str(step))
        return found.annotation if found else None
    arguments = [argument for argument in get_args(annotation) if argument is not Ellipsis]
    return arguments[-1] if arguments else None


def _narrowed(annotation: Any, value: Any) -> Any:
    """Of several possible models the one that ``value`` means, told by its ``type``."""
    if get_origin(annotation) is Annotated:
        return _narrowed(get_args(annotation)[0], value)
    models = [a for a in get_args(annotation) if _is_model(a)]
    if _is_model(annotation) or get_origin(annotation) in (list, dict, tuple) or not models:
        return annotation
    kind = value.get("type") if isinstance(value, dict) else None
    for candidate in models:
        field = candidate.model_fields.get("type")
        if field and get_origin(field.annotation) is Literal and kind in get_args(field.annotation):
            return candidate
    return models[0]


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
