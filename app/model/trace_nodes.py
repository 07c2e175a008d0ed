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


def node_of_segment(document: Document, account: str) -> Node:
    """The node of a segment that a service sent itself.

    One that does not tell its origin has no type, whatever its caller calls it.
    """
    own, name = account_of(document) or account, str(document["name"])
    seen = {"aws": f"AWS::{name}", "remote": "remote"}.get(text(document.get("namespace")), "")
    return Node(own, name, text(document.get("origin")) or seen)


def account_of(document: Document) -> str:
    """The account that a document names, empty if it names none."""
    found = mapping(document.get("aws")).get("account_id")
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def node_of_call(call: Document, account: str) -> Node:
    """The node that a subsegment with a namespace calls, as far as the call itself tells."""
    name, aws = str(call["name"]), mapping(call.get("aws"))
    if call.get("namespace") == "aws":
        owner = account_of(call) or account
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
    if named is None:
        return Node(called.account, name, type_ or called.type)
    is_told = type_ == named.type != named.alone or _names_one(named, aws)
    resource = (_named_in(named, aws) or _told(aws)) if is_told else ""
    owner = account_of({"aws": aws}) or account
    return Node(owner, resource or name, type_ or _type(named, aws, resource))


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


def said(value: object) -> str | None:
    """``value`` if it is a text, also an empty one; None otherwise."""
    return value if isinstance(value, str) else None


def _type(named: Named, aws: Document, resource: str) -> str:
    return named.type if resource and text(aws.get("operation")) else named.alone


def _resource(named: Named, aws: Document) -> str:
    return _named_in(named, aws) if _names_one(named, aws) else ""


def _names_one(named: Named, aws: Document) -> bool:
    """X-Ray takes the resource only of a call that tells its operation, a queue of any."""
    return bool(text(aws.get("operation"))) or named.service == "SQS"


def _named_in(named: Named, aws: Document) -> str:
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
