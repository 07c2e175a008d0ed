"""Documents of traces for tests, written short.

``at`` and ``took`` are in ms after :data:`START`; ids count up in the order of making.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from app.model.ids import Place
from app.model.trace_reading import trace_of
from app.model.traces import Origin, Trace, TraceDocuments, TraceSource

START = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
PLACE = Place("111111111111", "eu-central-1")
TRACE = "1-6ab13b80-0123456789abcdef01234567"

Document = dict[str, Any]


def trace_id(number: int = 0) -> str:
    """A trace id of the time of :data:`START`, another one for each number."""
    return f"1-{int(START.timestamp()):08x}-{number * 0x9E3779B97F4A7C15 % 2**96:024x}"


class Documents:
    """Makes documents of one trace, each with an id of its own."""

    def __init__(self, trace_id: str = TRACE, start: datetime = START) -> None:
        self.trace_id, self._start = trace_id, start.timestamp()
        self._ids = (f"{0xA0000000 + n:016x}" for n in itertools.count(1))

    def segment(self, name: str, at: float = 0, took: float | None = 100, **more: Any) -> Document:
        """A segment; ``took=None`` is in progress, ``of=`` is the (sub)segment that called it."""
        return {"trace_id": self.trace_id, **self.subsegment(name, at, took, **more)}

    def subsegment(
        self, name: str, at: float = 0, took: float | None = 50, **more: Any
    ) -> Document:
        """A subsegment, to be put into ``subsegments=[…]`` of another one."""
        start = self._start + at / 1000
        times = {"in_progress": True} if took is None else {"end_time": start + took / 1000}
        parent = more.pop("of", None)
        above = {"parent_id": parent["id"]} if parent else {}
        return {"name": name, "id": next(self._ids), "start_time": start, **times, **above, **more}

    def call(self, name: str, at: float = 0, took: float | None = 50, **aws: Any) -> Document:
        """A call of an AWS service, as its SDK records it."""
        return self.subsegment(name, at, took, namespace="aws", aws=aws)


def http(status: int, method: str = "GET", url: str = "https://blog.example.org/posts") -> Document:
    """The field ``http`` of a segment."""
    return {"request": {"method": method, "url": url}, "response": {"status": status}}


def whole(
    *documents: Document, summary: Mapping[str, Any] | None = None, weight: float = 1.0
) -> Trace:
    """The trace that these documents make up."""
    origin = Origin(PLACE, TraceSource.XRAY, weight)
    return trace_of(documents[0]["trace_id"], documents, summary, origin)


def handed_over(*documents: Document, **more: Any) -> TraceDocuments:
    """What a collector hands over of one trace."""
    texts = tuple(orjson.dumps(document).decode() for document in documents)
    given: dict[str, Any] = {"place": PLACE, "source": TraceSource.XRAY, **more}
    id_ = given.pop("trace_id", documents[0].get("trace_id") if documents else TRACE)
    return TraceDocuments(trace_id=id_, documents=texts, **given)


def blog_request(number: int = 0, status: int = 200, slow: float = 1) -> list[Document]:
    """API Gateway, a function, its table and a queue: what a request of the blog looks like.

    Nine rows in the store: three segments, four subsegments, two inferred segments.
    """
    make = Documents(trace_id(number))
    read = make.call("DynamoDB", 22 * slow, 30 * slow, operation="GetItem", table_name="posts")
    send = make.call(
        "SQS", 60 * slow, 10 * slow, operation="SendMessage",
        queue_url="https://sqs.eu-central-1.amazonaws.com/111111111111/mail",
    )  # fmt: skip
    handle = make.subsegment("handler", 20 * slow, 60 * slow, subsegments=[read, send])
    invoke = make.subsegment("Lambda", 5 * slow, 80 * slow, namespace="aws", aws={
        "operation": "Invoke", "function_name": "blog-posts",
    })  # fmt: skip
    stage = make.segment(
        "blog/prod", 0, 90 * slow, origin="AWS::ApiGateway::Stage", http=http(status),
        subsegments=[invoke], annotations={"tenant": f"t{number % 3}"},
    )  # fmt: skip
    service = make.segment(
        "blog-posts", 10 * slow, 75 * slow, origin="AWS::Lambda", of=invoke,
        aws={"request_id": f"r-{number}"}, fault=status >= 500,
    )  # fmt: skip
    function = make.segment(
        "blog-posts", 18 * slow, 64 * slow, origin="AWS::Lambda::Function", of=service,
        user=f"u-{number}", subsegments=[handle], fault=status >= 500,
    )  # fmt: skip
    return [stage, service, function]


def branching(segments: int, trace_id: str, start: datetime = START) -> list[Document]:
    """So many segments, each of which calls two others, with annotations and metadata."""
    began, documents = start.timestamp(), []
    for number in range(segments):
        at = began + number / segments
        calls = [
            {
                "name": f"step-{side}", "id": f"{segments + 2 * number + side:016x}",
                "start_time": at, "end_time": began + 1.5, "namespace": "remote",
            }
            for side in (0, 1)
            if 2 * number + side + 1 < segments
        ]  # fmt: skip
        documents.append(
            {
                "name": f"service-{number % 50}", "id": f"{number:016x}", "trace_id": trace_id,
                "start_time": at, "end_time": began + 1.6, "subsegments": calls,
                "origin": "AWS::ECS::Container", "annotations": {"step": number},
                "metadata": {"default": {"payload": "x" * 200}},
            } | ({"parent_id": f"{segments + number - 1:016x}"} if number else {})
        )  # fmt: skip
    return documents
