"""OTLP over HTTP: applications send spans themselves, to ``/v1/traces``.

A WSGI application that knows nothing of the store: what it is given takes the traces
and returns once they are kept, so a 200 is never followed by a loss.
"""

from __future__ import annotations

import gzip
import hmac
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from io import BytesIO
from typing import BinaryIO, cast

import orjson

from app.model.errors import OpsError
from app.model.ids import Place
from app.model.otel import OtelSpan, written
from app.model.traces import Flaw, TraceDocuments, TraceSource, xray_id
from app.web import otlp_reading as reading
from app.web.otlp_reading import DEEP_SPAN, LONGEST_REQUEST, NO_SPAN, Received, Unreadable

PATH = "/v1/traces"
PROTOBUF, JSON = "application/x-protobuf", "application/json"
RETRY_AFTER_S = 10

Environ = Mapping[str, object]
StartResponse = Callable[[str, list[tuple[str, str]]], object]
Keep = Callable[[Sequence[TraceDocuments], Received], None]
"""Returns when the traces are kept; raises OpsError when they cannot be."""


class Refusal(Exception):
    """An answer other than 200; ``why`` is given where what came was malformed."""

    def __init__(self, status: HTTPStatus, message: str, why: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.why = status, message, why


class Otlp:
    """Takes spans. ``token`` must be sent as ``Authorization: Bearer``, if there is one."""

    def __init__(
        self,
        keep: Keep,
        places: Sequence[Place],
        now: Callable[[], datetime],
        token: str | None = None,
    ) -> None:
        self._keep, self._places, self._now, self._token = keep, places, now, token

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        kind = str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
        try:
            body = self._answer(environ, kind)
            status, headers = HTTPStatus.OK, [("Content-Type", kind)]
        except Refusal as refusal:
            self._count(refusal)
            status, headers = refusal.status, [("Content-Type", JSON)]
            if status is HTTPStatus.SERVICE_UNAVAILABLE:
                headers.append(("Retry-After", str(RETRY_AFTER_S)))
            body = orjson.dumps({"message": refusal.message})
        headers.append(("Content-Length", str(len(body))))
        start_response(f"{status.value} {status.phrase}", headers)
        return [body]

    def _answer(self, environ: Environ, kind: str) -> bytes:
        self._check(environ, kind)
        body = _body(environ)
        read = reading.from_protobuf if kind == PROTOBUF else reading.from_json
        try:
            found = read(body, self._now().timestamp())
        except Unreadable as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, str(error), error.why) from error
        try:
            self._keep(traces(found, self._places), found)
        except OpsError as error:
            raise Refusal(
                HTTPStatus.SERVICE_UNAVAILABLE, f"not kept, send it again: {error}"
            ) from error
        return reading.answer_protobuf(found) if kind == PROTOBUF else reading.answer_json(found)

    def _count(self, refusal: Refusal) -> None:
        """A request that cannot be read belongs to no trace; it is counted all the same."""
        if not refusal.why:
            return
        with suppress(OpsError):  # the sender is told in any case
            self._keep((), Received(refused={refusal.why: 1}))

    def _check(self, environ: Environ, kind: str) -> None:
        if environ.get("PATH_INFO") != PATH:
            raise Refusal(HTTPStatus.NOT_FOUND, f"spans are taken at {PATH}")
        if environ.get("REQUEST_METHOD") != "POST":
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "spans are sent with POST")
        if self._token is not None:
            given = str(environ.get("HTTP_AUTHORIZATION", "")).removeprefix("Bearer ")
            if not hmac.compare_digest(given.encode(), self._token.encode()):
                raise Refusal(
                    HTTPStatus.UNAUTHORIZED, "the token of collection.traces.otlp is missing"
                )
        if kind not in (PROTOBUF, JSON):
            raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send {PROTOBUF} or {JSON}")


def traces(found: Received, places: Sequence[Place]) -> list[TraceDocuments]:
    """Spans as documents, by trace; the first place has those that tell none of ``places``.

    A span of which none can be made is refused.
    """
    by_trace: defaultdict[str, list[bytes]] = defaultdict(list)
    told: dict[str, Place] = {}
    for span in found.spans:
        made = written(span)
        if isinstance(made, Flaw):
            found.refuse(DEEP_SPAN if made is Flaw.OVER_LIMIT else NO_SPAN)
            continue
        by_trace[span.trace_id].append(made)
        told.setdefault(span.trace_id, _place(span, places))
    return [
        TraceDocuments(
            trace_id=xray_id(trace_id) or trace_id,
            place=told[trace_id],
            source=TraceSource.OTLP,
            documents=tuple(some),
        )
        for trace_id, some in by_trace.items()
    ]


def _place(span: OtelSpan, places: Sequence[Place]) -> Place:
    """Where pages look for it; the account that a span tells stays with its node in any case."""
    account = span.resource.get("cloud.account.id") or places[0].account
    region = span.resource.get("cloud.region") or places[0].region
    told = Place(str(account), str(region))
    return told if told in places else places[0]


def _body(environ: Environ) -> bytes:
    """The body, unpacked; never more of it in memory than a request may hold."""
    stream = cast("BinaryIO", environ["wsgi.input"])
    encoding = str(environ.get("HTTP_CONTENT_ENCODING", "identity")).lower()
    if encoding not in ("identity", "", "gzip"):
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send it with gzip, or as it is")
    raw = stream.read(LONGEST_REQUEST + 1)
    if encoding == "gzip" and len(raw) <= LONGEST_REQUEST:
        try:
            with gzip.GzipFile(fileobj=BytesIO(raw)) as packed:
                raw = packed.read(LONGEST_REQUEST + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, f"not gzip: {error}", reading.NOT_GZIP) from error
    if len(raw) > LONGEST_REQUEST:
        message = "a request holds 5 MB at most"
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message, reading.LONG_REQUEST)
    return raw
