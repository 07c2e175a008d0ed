"""CloudWatch Logs' operations, answered by ourselves; anything else goes to moto."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import orjson

from app.demo.answer import Answer
from app.demo.call import Call, Wire
from app.demo.faults import Fault, FaultKind
from app.demo.hollow import HollowPages, without_mark
from app.demo.logs import listing, reading, streams
from app.demo.logs.book import LogBook
from app.demo.refusal import Refused
from app.demo.telemetry.fields import Request, mapping, text
from app.model.ids import Place
from app.model.time import epoch_ms

_LISTS = {
    "FilterLogEvents": "events",
    "DescribeLogGroups": "logGroups",
    "DescribeLogStreams": "logStreams",
    "DescribeMetricFilters": "metricFilters",
    "DescribeSubscriptionFilters": "subscriptionFilters",
}
"""Operations with pages, and the member that holds what is listed."""

Make = Callable[[LogBook, Place, Request], dict[str, object]]
Timed = Callable[[LogBook, Place, Request, int], dict[str, object]]

_PLAIN: Mapping[str, Make] = {
    "DescribeLogGroups": listing.describe_log_groups,
    "ListTagsForResource": listing.tags_of,
    "DescribeMetricFilters": listing.describe_metric_filters,
    "DescribeSubscriptionFilters": listing.describe_subscription_filters,
    "CreateLogGroup": listing.create_log_group,
    "DeleteLogGroup": listing.delete_log_group,
    "CreateLogStream": listing.create_log_stream,
    "PutRetentionPolicy": listing.put_retention_policy,
}
_TIMED: Mapping[str, Timed] = {
    "FilterLogEvents": reading.filter_log_events,
    "GetLogEvents": streams.get_log_events,
    "DescribeLogStreams": streams.describe_log_streams,
    "PutMetricFilter": listing.put_metric_filter,
    "PutLogEvents": listing.put_log_events,
}


class CloudWatchLogs:
    """The log operations of one endpoint."""

    def __init__(self, book: LogBook) -> None:
        self._book = book
        self._hollow = HollowPages()

    def answers(self, call: Call) -> bool:
        """Whether this call is answered here and not by moto."""
        known = call.operation in _PLAIN or call.operation in _TIMED
        return call.api == "logs" and call.wire is Wire.JSON and known

    def answer(self, call: Call, now: datetime, faults: Sequence[Fault] = ()) -> Answer:
        """The answer; Refused if AWS would refuse."""
        request = _read(call.body)
        kinds = {fault.kind: fault for fault in faults}
        token = text(request.get("nextToken"))
        member = _LISTS.get(call.operation)
        hollow = self._hollow.token_of(call, token, kinds) if member else ""
        if member and hollow:
            return _written({member: [], "nextToken": hollow})
        if token:
            request = {**request, "nextToken": without_mark(token)}
        late = kinds.get(FaultKind.LATE)
        reads = not call.operation.startswith("Put")
        now_ms = epoch_ms(now) - int(late.seconds * 1000 if late and reads else 0)
        if call.operation in _PLAIN:
            return _written(_PLAIN[call.operation](self._book, call.place, request))
        return _written(_TIMED[call.operation](self._book, call.place, request, now_ms))


def _read(body: bytes) -> Request:
    try:
        return mapping(orjson.loads(body or b"{}"))
    except orjson.JSONDecodeError as error:
        raise Refused("SerializationException", f"The request is not JSON: {error}") from error


def _written(answer: Mapping[str, object]) -> Answer:
    headers = {"x-amzn-requestid": "00000000-0000-4000-8000-000000000000"}
    return Answer(200, "application/x-amz-json-1.1", orjson.dumps(answer), headers)
