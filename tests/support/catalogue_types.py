"""The types that a kind of resource goes through, from the list's answer to its configuration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.catalogue.schema import Call, Describe, ResourceKind
from tests.support.shapes import (
    NUMBER,
    TEXT,
    TRUTH,
    Many,
    Members,
    NoSuchMember,
    Scalar,
    Type,
    given,
    operation,
    type_of,
)


def item_type(kind: ResourceKind) -> Members:
    """What an item has once it is listed and described."""
    listed = listed_type(kind.list)
    if kind.per:
        parent = listed_type(kind.per)
        for describe in kind.per_describe:
            parent = described_type(describe, parent)
        listed = Members({**listed.known, "parent": parent}, listed.others)
    for describe in kind.describe:
        listed = described_type(describe, listed)
    lookups = {lookup.into: NUMBER for lookup in kind.lookups}
    return Members({**listed.known, **lookups}, listed.others)


def listed_type(call: Call) -> Members:
    """One item of a list call."""
    output = type_of(operation(call.api, call.operation).output_shape)
    found = given(call.items, output) if call.items else output
    if not isinstance(found, Many):
        raise NoSuchMember(f"items `{call.items}` of {call.operation} gives no list")
    return found.of if isinstance(found.of, Members) else Members({"value": found.of})


def described_type(describe: Describe, item: Members) -> Members:
    """The item with what a describe adds."""
    output = type_of(operation(describe.api, describe.operation).output_shape)
    picked = given(describe.pick, output)
    if describe.batch:
        if not isinstance(picked, Many):
            raise NoSuchMember(f"pick `{describe.pick}` of {describe.operation} gives no list")
        picked = picked.of
        given(describe.match, picked)
        given(describe.match_item, item)
    if describe.into:
        return Members({**item.known, describe.into: picked}, item.others)
    if not isinstance(picked, Members):
        raise NoSuchMember(f"pick `{describe.pick}` of {describe.operation} gives no structure")
    return Members({**item.known, **picked.known}, picked.others or item.others)


def configuration_type(kind: ResourceKind) -> Members:
    """What the configuration of a resource may hold."""
    item = item_type(kind)
    kept: dict[str, Type] = {name: item.member(name) for name in kind.configuration}
    kept |= {name: given(path, item) for name, path in kind.derived.items()}
    for mention in kind.mentions:
        kept |= {mention.flag: TRUTH, mention.into: Many(TEXT)}
    return Members(kept)


def calls_of(kind: ResourceKind) -> Iterator[tuple[Call, Members]]:
    """Every call with the type of the item that its parameters may name."""
    nothing = Members({"place": Members({"region": TEXT, "account": TEXT})})
    if kind.per:
        parent = listed_type(kind.per)
        yield kind.per, nothing
        for describe in kind.per_describe:
            yield describe, parent
            parent = described_type(describe, parent)
        yield kind.list, parent
        item = Members({**listed_type(kind.list).known, "parent": parent})
    else:
        yield kind.list, nothing
        item = listed_type(kind.list)
    for describe in kind.describe:
        yield describe, item
        item = described_type(describe, item)
    for mention in kind.mentions:
        if mention.call:
            yield mention.call, nothing


def sample(params: Any, item: Members) -> Any:
    """Parameters with each reference replaced by a value of its type."""
    if isinstance(params, dict):
        return {name: sample(value, item) for name, value in params.items()}
    if isinstance(params, list):
        return [sample(value, item) for value in params]
    if isinstance(params, str) and params.startswith("$."):
        return _value(given(params[2:], item))
    if isinstance(params, str) and params.startswith("$["):
        return _value(given(params[1:], Many(item)))
    return params


def _value(kind: Type) -> Any:
    if isinstance(kind, Many):
        return [_value(kind.of)]
    if isinstance(kind, Scalar):
        # Long enough for every identifier that the models bound from below.
        return {"text": "x" * 20, "number": 1, "boolean": True}.get(kind.kind, "x" * 20)
    return {}
