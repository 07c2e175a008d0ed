"""CloudWatch's metric operations, answered by ourselves in three protocols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from app.demo.answer import Answer
from app.demo.billing import Bill, metrics_requested
from app.demo.call import Call, Wire
from app.demo.faults import Fault, FaultKind
from app.demo.hollow import HollowPages, without_mark
from app.demo.telemetry.fields import Request, text
from app.demo.telemetry.listing import list_metrics, metric_statistics, put_metric_data
from app.demo.telemetry.protocols import CBOR, JSON, QUERY, Protocol
from app.demo.telemetry.reading import Page, metric_data
from app.demo.telemetry.sources import Sources
from app.demo.telemetry.written import Written

_OURS = {"GetMetricData", "ListMetrics", "GetMetricStatistics", "PutMetricData"}
_PAGED = {"GetMetricData", "ListMetrics"}
_PROTOCOLS = {Wire.CBOR: CBOR, Wire.JSON: JSON, Wire.QUERY: QUERY}


class CloudWatch:
    """The metric operations of one endpoint."""

    def __init__(self, sources: Sources, written: Written, bill: Bill) -> None:
        self._sources, self._written, self._bill = sources, written, bill
        self._hollow_pages = HollowPages()

    def answers(self, call: Call) -> bool:
        """Whether this call is answered here and not by moto."""
        return call.api == "cloudwatch" and call.operation in _OURS and call.wire in _PROTOCOLS

    def bills(self, call: Call) -> bool:
        """Whether this call is billed here, in units that only the request tells."""
        return self.answers(call)

    def answer(self, call: Call, now: datetime, faults: Sequence[Fault] = ()) -> Answer:
        """The answer in the caller's protocol; Refused if AWS would refuse."""
        protocol = _PROTOCOLS[call.wire]
        request = protocol.read(call.body)
        kinds = {fault.kind: fault for fault in faults}
        body = self._hollow(call, request, kinds, protocol)
        if body is None:
            body = self._filled(call, _without_mark(request), now.timestamp(), kinds, protocol)
        units, queries = metrics_requested(request) if call.operation == "GetMetricData" else (1, 0)
        self._bill.add(call.place, call.api, call.operation, units=units, queries=queries)
        headers = {"x-amzn-requestid": "00000000-0000-4000-8000-000000000000"}
        if call.wire is Wire.CBOR:
            headers["smithy-protocol"] = "rpc-v2-cbor"
        return Answer(200, protocol.content_type, body, headers)

    def _filled(
        self,
        call: Call,
        request: Request,
        now_s: float,
        faults: Mapping[FaultKind, Fault],
        protocol: Protocol,
    ) -> bytes:
        late = faults.get(FaultKind.LATE)
        delay_s = late.seconds if late else 0.0
        if call.operation == "GetMetricData":
            page = metric_data(self._sources, call.place, request, now_s, delay_s)
            return protocol.page(_partial(page) if FaultKind.PARTIAL in faults else page)
        if call.operation == "ListMetrics":
            return protocol.plain(
                call.operation, list_metrics(self._sources, call.place, request, now_s)
            )
        if call.operation == "PutMetricData":
            put_metric_data(self._written, call.place, request, now_s)
            return protocol.plain(call.operation, {})
        found = metric_statistics(self._sources, call.place, request, now_s, delay_s)
        return protocol.plain(call.operation, found)

    def _hollow(
        self,
        call: Call,
        request: Request,
        faults: Mapping[FaultKind, Fault],
        protocol: Protocol,
    ) -> bytes | None:
        """An empty page with a token, where such a fault is planted and it is its turn."""
        if call.operation not in _PAGED:
            return None
        token = self._hollow_pages.token_of(call, text(request.get("NextToken")), faults)
        return self._empty(call, token, protocol) if token else None

    def _empty(self, call: Call, token: str, protocol: Protocol) -> bytes:
        if call.operation == "GetMetricData":
            return protocol.page(Page([], token))
        return protocol.plain(call.operation, {"Metrics": [], "NextToken": token})


def _without_mark(request: Request) -> Request:
    token = text(request.get("NextToken"))
    return {**request, "NextToken": without_mark(token)} if token else request


def _partial(page: Page) -> Page:
    """The first half of each series, as CloudWatch answers when it could not read all."""
    message = ("InternalError", "Some data points could not be read. Try again.")
    return Page(
        [
            replace(
                points,
                at=points.at[: len(points.at) // 2],
                values=points.values[: len(points.values) // 2],
                status="InternalError",
                messages=(message,),
            )
            for points in page.results
        ],
        page.token,
    )
