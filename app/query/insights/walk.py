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


def field_names(query: tree.Query) -> set[str]:
    """Every field name that a query writes, and what stands before each of its dots."""
    names: set[str] = set()
    for node in nodes(query):
        if isinstance(node, tree.Name):
            for cut in range(1, len(node.segments) + 1):
                names.add(".".join(node.segments[:cut]))
    return names
