"""Finds things in a tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from app.query.insights import tree
from app.query.insights.regex import group_names, texts_of


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
    joins = any(isinstance(command, tree.Join) for command in query.commands)
    names = names_in(query)
    if joins:
        for node in nodes(query):
            if isinstance(node, tree.Name):
                names.update(starts_of(".".join(node.segments[1:])))
    return names


def searched(query: tree.Query) -> frozenset[str]:
    """The fixed texts that a query looks for with ``like``."""
    likes = [node for node in nodes(query) if isinstance(node, tree.Like)]
    return frozenset(
        text
        for like in likes
        for text in (texts_of(like.pattern) if like.regex else (like.pattern,))
    )


def names_in(node: object) -> set[str]:
    """Every field name inside a node, and what stands before each of its dots."""
    found = (each for each in nodes(node) if isinstance(each, tree.Name))
    return {name for each in found for name in starts_of(each.text)}


def starts_of(name: str) -> set[str]:
    """A dotted name, and what stands before each of its dots."""
    return {name, *(name[:at] for at, sign in enumerate(name) if sign == ".")} - {""}


def made_names(command: tree.Command) -> set[str]:
    """The names that a command which looks at each event by itself gives to something new."""
    match command:
        case tree.Fields(items=items) | tree.Display(items=items) | tree.Unmask(items=items):
            return {
                item.name for item in items if item.alias or not isinstance(item.expr, tree.Name)
            }
        case tree.ParseRegex(names=()):
            return {name for name in group_names(command.pattern) if name}
        case tree.ParseGlob() | tree.ParseRegex() | tree.ParseCsv():
            return {name.text for name in command.names}
        case tree.ParseLogfmt(name=name) | tree.ParseJson(name=name):
            return {name.text}
        case tree.Lookup(outputs=pairs):
            return {(pair.renamed or pair.name).text for pair in pairs}
        case _:
            return set()
