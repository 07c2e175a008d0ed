"""What a JMESPath gives on an answer of AWS, worked out from botocore's models alone.

A path that names a member the answer cannot have raises :class:`NoSuchMember`,
so a misspelt path is found without asking AWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import botocore.session
from botocore.model import OperationModel, Shape

from app.catalogue.paths import compiled

_SESSION = botocore.session.Session()


class NoSuchMember(Exception):
    """A path asks for something that the model does not have."""


@dataclass(frozen=True)
class Scalar:
    """A text, number, boolean or time."""

    kind: str


@dataclass(frozen=True)
class Many:
    """A list."""

    of: Type


@dataclass(frozen=True)
class Anything:
    """What the model does not say, such as parsed JSON text."""


@dataclass(frozen=True)
class Members:
    """A structure; ``others`` is the type of keys beyond the known ones (a map)."""

    known: Mapping[str, Type] = field(default_factory=dict)
    others: Type | None = None

    def member(self, name: str) -> Type:
        found = self.known.get(name, self.others)
        if found is None:
            raise NoSuchMember(f"no member `{name}` among {', '.join(sorted(self.known))}")
        return found


class OfShape(Members):
    """A structure of a model; its members are looked at when asked for, as models may recurse."""

    def __init__(self, shape: Shape) -> None:
        object.__setattr__(self, "shape", shape)

    @cached_property
    def known(self) -> Mapping[str, Type]:
        return {name: type_of(inner) for name, inner in self.shape.members.items()}

    @property
    def others(self) -> None:
        return None


Type = Scalar | Many | Anything | Members

TEXT, NUMBER, TRUTH = Scalar("text"), Scalar("number"), Scalar("boolean")
_FUNCTIONS: Mapping[str, Type] = {
    "after": TEXT,
    "contains": TRUTH,
    "floor": NUMBER,
    "join": TEXT,
    "length": NUMBER,
    "min": NUMBER,
    "multiply": NUMBER,
    "parse_json": Anything(),
    "split": Many(TEXT),
    "starts_with": TRUTH,
    "sum": NUMBER,
    "to_number": NUMBER,
}


def operation(api: str, name: str) -> OperationModel:
    """The model of an operation; raises OperationNotFoundError."""
    return _SESSION.get_service_model(api).operation_model(name)


def shape(api: str, name: str) -> Shape:
    """A named shape of an API."""
    return _SESSION.get_service_model(api).shape_for(name)


def type_of(shape: Shape | None) -> Type:
    """The type of a botocore shape."""
    if shape is None:
        return Members()
    if shape.type_name == "structure":
        return OfShape(shape)
    if shape.type_name == "list":
        return Many(type_of(shape.member))
    if shape.type_name == "map":
        value, names = type_of(shape.value), getattr(shape.key, "enum", [])
        return Members(dict.fromkeys(names, value), None if names else value)
    numeric = {"integer", "long", "float", "double"}
    kind = "number" if shape.type_name in numeric else shape.type_name
    return Scalar({"string": "text"}.get(kind, kind))


def given(path: str, on: Type) -> Type:
    """The type that ``path`` gives on a value of type ``on``; raises NoSuchMember."""
    return _visit(compiled(path).parsed, on)


def _visit(node: dict[str, Any], on: Type) -> Type:
    return _VISITS[node["type"]](node, on)


def _field(node: dict[str, Any], on: Type) -> Type:
    if isinstance(on, Anything):
        return on
    if isinstance(on, Members):
        return on.member(node["value"])
    raise NoSuchMember(f"`{node['value']}` is asked of {on}, which has no members")


def _chain(node: dict[str, Any], on: Type) -> Type:
    for child in node["children"]:
        on = _visit(child, on)
    return on


def _element(on: Type) -> Type:
    if isinstance(on, Anything):
        return on
    if isinstance(on, Many):
        return on.of
    raise NoSuchMember(f"a list is expected, not {on}")


def _projection(node: dict[str, Any], on: Type) -> Type:
    left, right = node["children"]
    return Many(_visit(right, _element(_visit(left, on))))


def _filter(node: dict[str, Any], on: Type) -> Type:
    left, right, test = node["children"]
    element = _element(_visit(left, on))
    _visit(test, element)
    return Many(_visit(right, element))


def _flatten(node: dict[str, Any], on: Type) -> Type:
    element = _element(_visit(node["children"][0], on))
    return Many(element.of if isinstance(element, Many) else element)


def _index(node: dict[str, Any], on: Type) -> Type:
    return _element(on)


def _either(node: dict[str, Any], on: Type) -> Type:
    left, right = (_visit(child, on) for child in node["children"])
    return right if isinstance(left, Anything) else left


def _truth(node: dict[str, Any], on: Type) -> Type:
    for child in node["children"]:
        _visit(child, on)
    return TRUTH


def _both(node: dict[str, Any], on: Type) -> Type:
    return [_visit(child, on) for child in node["children"]][-1]


def _selected(node: dict[str, Any], on: Type) -> Type:
    return Members({pair["value"]: _visit(pair["children"][0], on) for pair in node["children"]})


def _listed(node: dict[str, Any], on: Type) -> Type:
    types = [_visit(child, on) for child in node["children"]]
    return Many(types[0])


def _function(node: dict[str, Any], on: Type) -> Type:
    for child in node["children"]:
        _visit(child, on)
    return _FUNCTIONS[node["value"]]


def _literal(node: dict[str, Any], on: Type) -> Type:
    value = node["value"]
    if isinstance(value, bool):
        return TRUTH
    if isinstance(value, (int, float)):
        return NUMBER
    return TEXT if isinstance(value, str) else Anything()


_VISITS = {
    "and_expression": _both,
    "comparator": _truth,
    "current": lambda _, on: on,
    "field": _field,
    "filter_projection": _filter,
    "flatten": _flatten,
    "function_expression": _function,
    "identity": lambda _, on: on,
    "index": _index,
    "index_expression": _chain,
    "literal": _literal,
    "multi_select_dict": _selected,
    "multi_select_list": _listed,
    "not_expression": _truth,
    "or_expression": _either,
    "pipe": _chain,
    "projection": _projection,
    "slice": lambda _, on: on,
    "subexpression": _chain,
}
