"""Finds things in a tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from app.query.insights import tree


def nodes(node: object) -> Iterator[object]:
    """The node and everything inside it, subqueries too, in the order written."""
    if isinstance(node, tuple):
        for each in node:
            yield from nodes(each)
        return
    if not is_dataclass(node) or isinstance(node, type):
        return
    yield node
    for part in fields(node):
        if part.name != "span":
            yield from nodes(getattr(node, part.name))


def inner_queries(node: object) -> Iterator[tree.Query]:
    """The queries inside a command, not those inside them."""
    if isinstance(node, tree.Query):
        yield node
    elif isinstance(node, tuple):
        for each in node:
            yield from inner_queries(each)
    elif is_dataclass(node) and not isinstance(node, type):
        for part in fields(node):
            if part.name != "span":
                yield from inner_queries(getattr(node, part.name))


def depth(node: object) -> int:
    """How many expressions lie inside one another, found without recursion."""
    deepest, waiting = 0, [(node, 0)]
    while waiting:
        each, level = waiting.pop()
        deepest = max(deepest, level)
        if isinstance(each, tuple):
            waiting += [(part, level) for part in each]
        elif is_dataclass(each) and not isinstance(each, type):
            parts = (getattr(each, part.name) for part in fields(each) if part.name != "span")
            waiting += [(part, level + 1) for part in parts]
    return deepest


def field_names(query: tree.Query) -> set[str]:
    """Every field name that a query writes, and what stands before each of its dots.

    Behind a join the first segment is the name of a side.
    """
    names: set[str] = set()
    joins = any(isinstance(command, tree.Join) for command in query.commands)
    for node in nodes(query):
        if isinstance(node, tree.Name):
            names.update(_starts(node.segments))
            if joins:
                names.update(_starts(node.segments[1:]))
    return names


def _starts(segments: tuple[str, ...]) -> set[str]:
    return {".".join(segments[:cut]) for cut in range(1, len(segments) + 1)}
