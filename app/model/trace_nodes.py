"""Which node of the service graph a document belongs to, and which callee a call infers.

X-Ray keeps the caller's name (``S3``, ``DynamoDB``) on the inferred document and
names only the node after the resource, so one name never stands for the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.model.traces import Node

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Named:
    """Where the name of a resource stands in ``aws``, for calls of one service."""

    service: str
    type: str
    keys: tuple[str, ...]
    alone: str
    """The type where no resource is told."""


NAMED = {
    one.service: one
    for one in (
        Named("DynamoDB", "AWS::DynamoDB::Table", ("table_name", "table_names"), "AWS::DynamoDB"),
        Named("S3", "AWS::S3::Bucket", ("bucket_name",), "AWS::S3"),
        Named("SQS", "AWS::SQS::Queue", ("queue_url",), "AWS::SQS"),
        Named("SNS", "AWS::SNS", ("topic_arn",), "AWS::SNS"),
        Named("Lambda", "AWS::Lambda", ("function_name",), "AWS::Lambda"),
    )
}
"""Services whose nodes are named after a resource."""


def node_of_segment(document: Document, account: str, call: Document | None = None) -> Node:
    """The node of a segment that a service sent itself; ``call`` is the subsegment it answers."""
    own = text(mapping(document.get("aws")).get("account_id")) or account
    name, type_ = str(document["name"]), text(document.get("origin"))
    if not type_ and call is not None:
        type_ = {"aws": f"AWS::{name}", "remote": "remote"}.get(text(call.get("namespace")), "")
    return Node(own, name, type_)


def node_of_call(call: Document, account: str) -> Node:
    """The node that a subsegment with a namespace calls, as far as the call itself tells."""
    name, aws = str(call["name"]), mapping(call.get("aws"))
    if call.get("namespace") == "aws":
        owner = text(aws.get("account_id")) or account
        named = NAMED.get(name)
        if named is None:
            return Node(owner, name, f"AWS::{name}")
        resource = _resource(named, aws)
        return Node(owner, resource or name, _type(named, aws, resource))
    if call.get("sql"):
        return Node("", name, database_type(mapping(call.get("sql"))))
    return Node("", name, "remote")


def node_of_inferred(document: Document, call: Document | None, account: str) -> Node:
    """The node of a document that X-Ray inferred; ``call`` is the subsegment it stands for."""
    name, type_ = str(document["name"]), text(document.get("origin"))
    aws = {**mapping((call or {}).get("aws")), **mapping(document.get("aws"))}
    called = node_of_call({**(call or {}), **document, "aws": aws}, account)
    named = NAMED.get(name)
    if named is not None:
        return Node(
            called.account, _resource(named, aws) or _told(aws) or name, type_ or named.alone
        )
    return Node(called.account, name, type_ or called.type)


def inferred_document(call: Document, id_: str, account: str) -> dict[str, Any]:
    """What X-Ray would infer for a call that no segment answers."""
    node = node_of_call(call, account)
    copied = ("trace_id", "name", "start_time", "end_time", "in_progress", "http", "aws")
    document = {key: call[key] for key in copied if key in call}
    document |= {key: call[key] for key in ("error", "fault", "throttle") if call.get(key)}
    document |= {"id": id_, "parent_id": call["id"], "inferred": True, "origin": node.type}
    if node.name != document["name"]:
        document["aws"] = {**mapping(document.get("aws")), "resource_names": [node.name]}
    return document


def inferred_id(call_id: str) -> str:
    """The id of the inferred segment for a call: made from the call's, and never the same."""
    return f"{int(call_id, 16) ^ 0x5F5F5F5F5F5F5F5F:016x}"


def database_type(sql: Document) -> str:
    """``Database::<engine>``, or ``Database::SQL`` when the engine is not told."""
    engine = text(sql.get("database_type"))
    return f"Database::{engine}" if engine else "Database::SQL"


def mapping(value: object) -> Mapping[str, Any]:
    """``value`` if it is an object, an empty one otherwise."""
    # Nearly all are plain ones, and asking for that first takes a fifth of the time.
    return value if type(value) is dict or isinstance(value, Mapping) else {}


def text(value: object) -> str:
    """``value`` if it is a text, an empty one otherwise."""
    return value if isinstance(value, str) else ""


def _type(named: Named, aws: Document, resource: str) -> str:
    if not resource:
        return named.alone
    # AWS's table needs the operation too; a queue without one is plain AWS::SQS.
    if named.service in ("DynamoDB", "SQS") and not aws.get("operation"):
        return named.alone
    return named.type


def _resource(named: Named, aws: Document) -> str:
    if named.service == "DynamoDB" and not aws.get("operation"):
        return ""
    for key in named.keys:
        value = aws.get(key)
        if isinstance(value, list):
            value = value[0] if len(value) == 1 else None
        if isinstance(value, str) and value:
            return value
    return ""


def _told(aws: Document) -> str:
    names = aws.get("resource_names")
    return text(names[0]) if isinstance(names, list) and len(names) == 1 else ""
