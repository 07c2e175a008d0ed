"""What belongs together: resources that name each other, and those with the same telling tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.model.ids import Resource

TELLING_TAGS = (
    "aws:cloudformation:stack-name",
    "aws:autoscaling:groupName",
    "application",
    "app",
    "project",
    "service",
    "component",
    "stack",
)
"""Tags that say what a resource is part of; an owner or a cost centre says less."""

MOST_RELATED = 24
_SHORTEST_ID = 6
"""Shorter ids (``web``) turn up in texts that do not mean them."""


@dataclass(frozen=True, slots=True)
class Related:
    """A resource and what ties it to the one asked about, in words."""

    resource: Resource
    why: str


def related(one: Resource, everything: Mapping[str, Resource]) -> tuple[Related, ...]:
    """Named by this one first, then those that name it, then those that share a tag."""
    found: dict[str, Related] = {}
    others = [r for r in everything.values() if r.arn != one.arn and r.account == one.account]
    mine = list(_texts(one.configuration, ""))
    for other in others:
        if member := _naming(mine, other, same_region=other.region == one.region):
            found.setdefault(other.arn, Related(other, f"named in {member}"))
    for other in others:
        if other.arn in found:
            continue
        theirs = list(_texts(other.configuration, ""))
        if member := _naming(theirs, one, same_region=other.region == one.region):
            found[other.arn] = Related(other, f"names this in its {member}")
    for other in others:
        if other.arn not in found and (tag := _shared(one, other)):
            found[other.arn] = Related(other, f"same tag {tag}")
    return tuple(list(found.values())[:MOST_RELATED])


def _naming(texts: list[tuple[str, str]], other: Resource, *, same_region: bool) -> str:
    """The member whose text names ``other``: by ARN anywhere, by id as a whole text."""
    for member, text in texts:
        if other.arn in text and _whole(other.arn, text):
            return member
        if same_region and len(other.id) >= _SHORTEST_ID and text == other.id:
            return member
    return ""


def _whole(arn: str, text: str) -> bool:
    """True when the ARN does not go on in the text: ``queue`` is not ``queue-dlq``."""
    after = text[text.index(arn) + len(arn) :][:1]
    return not (after.isalnum() or after in ("-", "_", "."))


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text of a configuration with the name of its outermost member."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, path or str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner, path)


def _shared(one: Resource, other: Resource) -> str:
    theirs = {key.casefold(): value for key, value in other.tags.items()}
    for key, value in one.tags.items():
        if key.casefold() in TELLING_TAGS and value and theirs.get(key.casefold()) == value:
            return f"{key}={value}"
    return ""
