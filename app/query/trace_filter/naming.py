"""The name and the type of the service that a document stands for.

A reported segment names itself. An inferred one is named for the resource that
was called, where the call tells it: the table, the bucket, the queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Raw = Mapping[str, Any]


class NodeKey(NamedTuple):
    """What tells services apart. ``type`` and ``account`` are None where unknown."""

    name: str
    type: str | None
    account: str | None


_RESOURCES: dict[str, tuple[str, str]] = {
    "DynamoDB": ("table_name", "AWS::DynamoDB::Table"),
    "S3": ("bucket_name", "AWS::S3::Bucket"),
    "SQS": ("queue_url", "AWS::SQS::Queue"),
    "SNS": ("topic_arn", "AWS::SNS"),
    "Lambda": ("function_name", "AWS::Lambda"),
}
"""Which field of a call through the SDK names the resource, and the type that it then has."""


def reported_node(segment: Raw, call: Raw) -> NodeKey:
    """The node of a segment that a service sent about itself; ``call`` is what it answers.

    One that does not tell its origin is typed as its caller sees it.
    """
    name, namespace = _name(segment), call.get("namespace")
    seen = {"aws": f"AWS::{name}", "remote": "remote"}.get(str(namespace))
    return NodeKey(name, _text(segment.get("origin")) or seen, _account(segment))


def inferred_node(segment: Raw, caller: Raw, owner: Raw) -> NodeKey:
    """The node of an inferred segment, from what it and the calling subsegment say."""
    call = {**_aws(caller), **_aws(segment)}
    name = _name(segment)
    origin = _text(segment.get("origin"))
    account = _account(segment) or _account(caller) or _account(owner)
    resource, kind = _resource(name, call, origin)
    if resource:
        return NodeKey(resource, origin or kind, account)
    return NodeKey(name, origin or _called_type(name, segment, caller), account)


def _resource(name: str, call: Raw, origin: str | None) -> tuple[str | None, str | None]:
    """The resource that a call through the SDK names, with its type; None where it does not."""
    if name not in _RESOURCES:
        return None, None
    key, kind = _RESOURCES[name]
    has_operation = _text(call.get("operation")) is not None
    if not (has_operation or name == "SQS" or origin == kind):
        return None, None
    resource = (
        _text(call.get(key)) or _only(call.get(f"{key}s")) or _only(call.get("resource_names"))
    )
    return resource, kind if has_operation or name != "SQS" else "AWS::SQS"


def _called_type(name: str, segment: Raw, caller: Raw) -> str | None:
    namespace = segment.get("namespace") or caller.get("namespace")
    if namespace == "aws":
        return f"AWS::{name}"
    if "sql" in segment or "sql" in caller:
        return "Database::SQL"
    return "remote" if namespace == "remote" else None


def _name(segment: Raw) -> str:
    return _text(segment.get("name")) or ""


def _account(raw: Raw) -> str | None:
    found = _aws(raw).get("account_id")
    return str(found) if isinstance(found, str | int) and found else None


def _aws(raw: Raw) -> Raw:
    found = raw.get("aws")
    return found if isinstance(found, Mapping) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _only(values: object) -> str | None:
    """The one text of a list, None where there are more or none."""
    return _text(values[0]) if isinstance(values, list) and len(values) == 1 else None
