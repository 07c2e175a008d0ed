"""X-Ray's operations of one endpoint; none of them goes to moto."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from app.demo.answer import Answer
from app.demo.billing import Bill
from app.demo.call import Call
from app.demo.faults import Fault, FaultKind
from app.demo.hollow import HollowPages, without_mark
from app.demo.refusal import Refused
from app.demo.telemetry.fields import Request, items, mapping, text
from app.demo.traces import rules
from app.demo.traces.book import Seen, TraceBook
from app.demo.traces.graph import services
from app.demo.traces.summaries import summary
from app.model.time import epoch_ms
from app.model.traces import is_trace_id
from app.query.trace_filter import QueryError, evaluate, parse

PATHS: Mapping[str, str] = {
    "/TraceSummaries": "GetTraceSummaries",
    "/Traces": "BatchGetTraces",
    "/ServiceGraph": "GetServiceGraph",
    "/TraceGraph": "GetTraceGraph",
    "/Groups": "GetGroups",
    "/GetSamplingRules": "GetSamplingRules",
    "/SamplingStatisticSummaries": "GetSamplingStatisticSummaries",
    "/InsightSummaries": "GetInsightSummaries",
    "/GetTraceSegmentDestination": "GetTraceSegmentDestination",
    "/GetIndexingRules": "GetIndexingRules",
    "/EncryptionConfig": "GetEncryptionConfig",
}
"""Where the operations are asked for that are answered here."""

PAGE, BATCH = 200, 5
_WIDEST_S = 6 * 3600
_BILLED = frozenset({"GetTraceSummaries", "BatchGetTraces", "GetTraceGraph"})


class XRay:
    """Answers from one book; ``page`` is how many traces are scanned for a page."""

    def __init__(self, book: TraceBook, bill: Bill) -> None:
        self.book, self.page = book, PAGE
        self._bill, self._hollow = bill, HollowPages()
        self._last: tuple[object, list[Seen]] | None = None
        self._answers: Mapping[str, Callable[[Call, Request, datetime], dict[str, Any]]] = {
            "GetTraceSummaries": self._summaries,
            "BatchGetTraces": self._traces,
            "GetServiceGraph": self._service_graph,
            "GetTraceGraph": self._trace_graph,
            **rules.ANSWERS,
        }

    def answers(self, call: Call) -> bool:
        """Whether this call is answered here and not by moto."""
        return call.api == "xray" and call.operation in self._answers

    def bills(self, call: Call) -> bool:
        """Whether what this call costs was counted with its answer."""
        return call.api == "xray" and call.operation in _BILLED

    def answer(self, call: Call, now: datetime, faults: Sequence[Fault] = ()) -> Answer:
        """The answer; Refused if AWS would refuse."""
        request = _read(call.body)
        kinds: dict[FaultKind, Fault] = {fault.kind: fault for fault in faults}
        hollow = self._hollow.token_of(call, text(request.get("NextToken")), kinds)
        if hollow and call.operation == "GetTraceSummaries":
            self._bill.add(call.place, call.api, call.operation, units=0)
            return _written({"TraceSummaries": [], "TracesProcessedCount": 0, "NextToken": hollow})
        return _written(self._answers[call.operation](call, request, now))

    def _summaries(self, call: Call, request: Request, now: datetime) -> dict[str, Any]:
        _, end = _times(request)
        share = _share(request)
        kept = [one for one in self._found(call, request, now) if _draw(one) < share]
        token = without_mark(text(request.get("NextToken")))
        first = int(token or 0) if (token or "0").isdigit() else -1
        if first < 0 or first > len(kept):
            raise _invalid("The specified NextToken is invalid.")
        page = kept[first : first + self.page]
        answer: dict[str, Any] = {
            "TraceSummaries": _matching(page, text(request.get("FilterExpression"))),
            "ApproximateTime": end,
            "TracesProcessedCount": len(page),
        }
        if first + self.page < len(kept):
            answer["NextToken"] = str(first + self.page)
        self._bill.add(call.place, call.api, call.operation, units=len(page))
        return answer

    def _found(self, call: Call, request: Request, now: datetime) -> list[Seen]:
        """All traces of a request; the last ones are kept, because its pages ask for the same."""
        start, end = (int(_seconds(request, name) * 1000) for name in ("StartTime", "EndTime"))
        received = request.get("TimeRangeType") == "Event"
        key = (call.place, start, end, received, epoch_ms(now) // 10_000)
        last = self._last
        if last is None or last[0] != key:
            find = self.book.received if received else self.book.begun
            last = self._last = (key, find(call.place, start, end, epoch_ms(now)))
        return last[1]

    def _traces(self, call: Call, request: Request, now: datetime) -> dict[str, Any]:
        ids = [text(one) for one in items(request.get("TraceIds"))]
        if not ids or len(ids) > BATCH:
            raise _invalid(f"TraceIds must hold 1 to {BATCH} ids.")
        found = {id_: self.book.by_id(call.place, id_, epoch_ms(now)) for id_ in ids}
        self._bill.add(call.place, call.api, call.operation, units=len(ids))
        traces = [
            {
                "Id": id_,
                "Duration": (seen.trace.summary.duration or 0) / 1e6,
                "LimitExceeded": False,
                "Segments": seen.segments(),
            }
            for id_, seen in found.items()
            if seen is not None
        ]
        return {
            "Traces": traces,
            "UnprocessedTraceIds": [id_ for id_, seen in found.items() if seen is None],
        }

    def _service_graph(self, call: Call, request: Request, now: datetime) -> dict[str, Any]:
        """The graph of the traces that began in a window; of a group, of those it matches."""
        start, end = _times(request)
        expression = _group(call, request, now)
        begun = self.book.begun(call.place, int(start * 1000), int(end * 1000), epoch_ms(now))
        kept = [one.trace for one in begun if not expression or _fits(expression, one)]
        return {
            "StartTime": start,
            "EndTime": end,
            "Services": services(kept, timed=True),
            "ContainsOldGroupVersions": False,
        }

    def _trace_graph(self, call: Call, request: Request, now: datetime) -> dict[str, Any]:
        ids = [text(one) for one in items(request.get("TraceIds"))]
        if not ids:
            raise _invalid("Zero trace ids provided")
        if not all(map(is_trace_id, ids)):
            raise _invalid("Invalid traceId. ErrorCode: InvalidId")
        seen = [self.book.by_id(call.place, id_, epoch_ms(now)) for id_ in ids]
        found = [one.trace for one in seen if one is not None]
        if len(found) < len(seen):
            raise _invalid("Trace id not found")
        self._bill.add(call.place, call.api, call.operation, units=len(ids))
        return {"Services": services(found, timed=False)}


def _times(request: Request) -> tuple[float, float]:
    start, end = _seconds(request, "StartTime"), _seconds(request, "EndTime")
    if end < start:
        raise _invalid("Start time must be before end time.")
    if end - start > _WIDEST_S:
        raise _invalid("Time range cannot be longer than 6 hours.")
    return start, end


def _group(call: Call, request: Request, now: datetime) -> str:
    """The expression of the group that a request names; "" for the default one and none."""
    name, arn = text(request.get("GroupName")), text(request.get("GroupARN"))
    if name and arn:
        raise _invalid("Only one of GroupName and GroupARN may be given.")
    known = rules.groups(call, {}, now)["Groups"]
    found = [one for one in known if name == one["GroupName"] or arn == one["GroupARN"]]
    if (name or arn) and not found:
        raise _invalid("Group not found")
    return text(found[0].get("FilterExpression")) if found else ""


def _matching(page: Sequence[Seen], expression: str) -> list[dict[str, Any]]:
    """The summaries of a page that a filter expression leaves; all of the page are billed."""
    try:
        parse(expression)
    except QueryError as error:
        raise _invalid(f"Invalid filter expression: {error.message}") from error
    return [summary(one) for one in page if not expression or _fits(expression, one)]


def _fits(expression: str, one: Seen) -> bool:
    told = summary(one)
    trace = {"trace_id": told["Id"], "segments": one.processed, "summary": told}
    return evaluate(expression, trace)


def _share(request: Request) -> float:
    """Which share of the traces is looked at."""
    strategy = mapping(request.get("SamplingStrategy"))
    if request.get("Sampling") is not True and not strategy:
        return 1.0
    value = strategy.get("Value", 1.0)
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise _invalid("The value of a sampling strategy must lie between 0 and 1.")
    return float(value)


def _draw(seen: Seen) -> float:
    return int(seen.recorded.trace_id[-6:], 16) / 2**24


def _seconds(request: Request, name: str) -> float:
    value = request.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _invalid(f"{name} is required.")
    return float(value)


def _invalid(message: str) -> Refused:
    return Refused("InvalidRequestException", message)


def _read(body: bytes) -> Request:
    try:
        return mapping(orjson.loads(body or b"{}"))
    except orjson.JSONDecodeError as error:
        raise _invalid(f"The request is not JSON: {error}") from error


def _written(answer: Mapping[str, object]) -> Answer:
    headers = {"x-amzn-requestid": "00000000-0000-4000-8000-000000000000"}
    return Answer(200, "application/json", orjson.dumps(answer), headers)
