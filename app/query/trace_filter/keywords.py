"""The keywords of the language: kind, where each may stand, and what it says.

A new keyword is one entry here and one branch where its values are read: in
``subjects.py`` for documents and in ``frames.py`` for tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache


class Kind(StrEnum):
    """What a keyword's value is, which decides its operators."""

    BOOLEAN = "yes or no"
    NUMBER = "a number"
    TEXT = "a text"
    GROUP = "a group"


class Scope(StrEnum):
    """Where a condition stands: outside of braces, or in whose."""

    TRACE = "the trace"
    SERVICE = "the braces of service()"
    EDGE = "the braces of edge()"
    CAUSE_SERVICE = "the braces of a service of a root cause"
    CAUSE_ENTITY = "the braces of an entity of a root cause"
    CAUSE_COVERED = "the braces of rootcause.responsetime.entity"
    CAUSE_EXCEPTION = "the braces of an exception of a root cause"


_CAUSES = (
    Scope.CAUSE_SERVICE, Scope.CAUSE_ENTITY, Scope.CAUSE_COVERED, Scope.CAUSE_EXCEPTION,
)  # fmt: skip
_DOCUMENTS = (Scope.TRACE, Scope.SERVICE, Scope.EDGE)

ORDER = ("=", "!=", "<", "<=", ">", ">=")
TEXT = ("=", "!=", "CONTAINS", "BEGINSWITH", "ENDSWITH")
OPERATORS = {
    Kind.BOOLEAN: ("=", "!="),
    Kind.NUMBER: ORDER,
    Kind.TEXT: TEXT,
    Kind.GROUP: ("=", "!="),
}
"""The operators of each kind. Annotations take all of them."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """One keyword: ``says`` stands in the documentation and in the completion of the box."""

    name: str
    kind: Kind
    scopes: tuple[Scope, ...]
    says: str


def _of(kind: Kind, scopes: tuple[Scope, ...], **says: str) -> list[Keyword]:
    return [Keyword(name.replace("_", "."), kind, scopes, text) for name, text in says.items()]


ENTRIES: tuple[Keyword, ...] = (
    *_of(
        Kind.BOOLEAN,
        _DOCUMENTS,
        ok="neither fault, nor error, nor throttle",
        error="answered with a 4xx status, or marked so, and not throttled",
        throttle="answered with status 429, or marked so",
        fault="answered with a 5xx status, or marked so",
        partial="a part of the trace is missing: a parent is not there",
    ),
    *_of(
        Kind.BOOLEAN,
        (Scope.TRACE, Scope.SERVICE, Scope.CAUSE_SERVICE),
        inferred="known only from its callers",
    ),
    *_of(Kind.BOOLEAN, (Scope.SERVICE,), root="the service where the trace began"),
    *_of(Kind.BOOLEAN, _CAUSES, first="the first of its list", last="the last of its list"),
    *_of(
        Kind.BOOLEAN,
        (Scope.CAUSE_ENTITY, Scope.CAUSE_COVERED),
        remote="a call to another service",
    ),
    *_of(
        Kind.NUMBER,
        _DOCUMENTS,
        responsetime="seconds until the root answered",
        duration="seconds from the first start to the last end of anything in the trace",
        http_status="status of the answer",
    ),
    *_of(Kind.NUMBER, _CAUSES, index="the position in its list, from 0"),
    *_of(
        Kind.NUMBER,
        (Scope.CAUSE_COVERED,),
        coverage="share of the root's response time, 0 to 1",
    ),
    *_of(
        Kind.TEXT,
        _DOCUMENTS,
        http_url="address of the request",
        http_method="method of the request",
        http_useragent="user agent of the caller",
        http_clientip="address of the caller",
        user="the user, of any segment",
        availabilityzone="Availability Zone of an EC2 instance",
        instance_id="Id of an EC2 instance",
        resource_arn="ARN of the resource that ran the code",
    ),
    *_of(
        Kind.TEXT,
        (*_DOCUMENTS, *_CAUSES),
        name="name of the service, the entity or the exception",
        type="type of the service: `AWS::Lambda::Function`",
    ),
    *_of(Kind.TEXT, (Scope.CAUSE_EXCEPTION,), message="what the exception said"),
    *_of(
        Kind.GROUP,
        (Scope.TRACE,),
        group_name="the group's expression matches",
        group_arn="the same, by the group's ARN",
    ),
)

COMPLEX = {
    "annotation.key": "an annotation of any segment or subsegment; `annotation[a.b]` with dots",
    "service()": 'a service took part; `service("api") { fault }`: one of its segments faulted',
    "edge()": "one service called another; in braces: of the call as the caller saw it",
    "rootcause.fault.service": "a service that X-Ray names as a cause; `error`, `responsetime`",
    "rootcause.fault.entity": "a step inside of such a service",
    "rootcause.fault.exception": "an exception of such a step",
    "rootcause.json": 'root causes of this shape: `#[{"Services": [{"Name": "api"}]}]`',
}
"""What is no plain keyword, for the documentation and the completion."""


@cache
def keywords() -> dict[str, Keyword]:
    """Every keyword by its name in lower case."""
    return {entry.name: entry for entry in ENTRIES}
