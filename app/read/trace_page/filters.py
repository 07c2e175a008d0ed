"""Filter expressions that are written for a person: every name and text in them is quoted here.

Nothing else puts a filter together, so none breaks at a quote or a backslash in a name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.model.traces import Annotation
from app.query.trace_filter import annotation_name, literal, quoted

FAILED = "fault OR error OR throttle"
"""What counts as failed, as pages count it."""

ID = "*"
"""What stands for an id in the shape of an address."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What requests of one kind have in common: where they enter, how, and the address's shape."""

    entry: str = ""
    method: str = ""
    shape: str = ""


def of_service(name: str, inside: str = "") -> str:
    """The traces that pass a node; ``inside`` must hold there."""
    return f"service({quoted(name)})" + _braces(inside)


def entering(name: str, inside: str = "") -> str:
    """The traces that begin at a node."""
    return of_service(name, f"root AND ({inside})" if inside else "root")


def over(source: str, target: str, inside: str = "") -> str:
    """The traces in which one node calls another."""
    return f"edge({quoted(source)}, {quoted(target)})" + _braces(inside)


def annotation_filter(key: str, value: Annotation) -> str:
    """The filter that lets through the traces with an annotation."""
    return f"{annotation_name(key)} = {literal(value)}"


def equals(keyword: str, value: str) -> str:
    """A keyword with a text."""
    return f"{keyword} = {quoted(value)}"


def is_number(keyword: str, value: str) -> str:
    """A keyword with a number or a truth value, as it is written."""
    return f"{keyword} = {value}"


def of_shape(shape: str) -> str:
    """The addresses of a shape, as near as the language comes to it."""
    first, *rest = shape.split(ID)
    if not rest:
        return f"({equals('http.url', shape)} OR {_begins(shape + '?')})"
    *between, last = rest
    said = [_begins(first), *(_contains(part) for part in between if part != "/")]
    if last:
        said.append(f"(http.url ENDSWITH {quoted(last)} OR {_contains(last + '?')})")
    return " AND ".join(said)


def of_kind(kind: Kind, others: Iterable[str] = ()) -> str:
    """The traces of a kind; ``others`` are shapes that pass by accident and should not."""
    said = [entering(kind.entry)] if kind.entry else []
    said += [equals("http.method", kind.method)] if kind.method else []
    said += [of_shape(kind.shape)] if kind.shape else []
    own = kind.shape.split(ID)
    strange = {part for shape in others for part in shape.split(ID) if len(part) > 1}
    told = sorted(part for part in strange if not any(part in each for each in own))
    return " AND ".join([*said, *(f"!({_contains(part)})" for part in told)])


def _begins(start: str) -> str:
    return f"http.url BEGINSWITH {quoted(start)}"


def _contains(part: str) -> str:
    return f"http.url CONTAINS {quoted(part)}"


def _braces(inside: str) -> str:
    return f" {{ {inside} }}" if inside else ""
