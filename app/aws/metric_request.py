"""GetMetricData at the speed of its JSON.

Plain boto3 parses 7,000 metrics a second, because every time stamp goes through
dateutil. Here the request is written and signed directly (SigV4 and credentials
are botocore's), and the answer read by orjson into numpy arrays. The protocol is
AWS JSON 1.0, the one botocore itself picks for CloudWatch.
"""

from __future__ import annotations

import gzip
import json
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from itertools import chain
from typing import Any

import numpy as np
import orjson
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.exceptions import ClientError, ResponseStreamingError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from app.aws.accounts import CONNECT_TIMEOUT, READ_TIMEOUT, Accounts
from app.aws.attempts import Charge
from app.aws.metric_data import MAX_LINES, MetricData, MetricQuery, lines, points, units
from app.aws.whole import check_length
from app.model.ids import Place
from app.model.time import Window, epoch_ms

MAX_PAGES = 50
CONNECTIONS = 16
RECENT = timedelta(hours=3)

_HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "GraniteServiceVersion20100801.GetMetricData",
    "x-amzn-query-mode": "true",
}

_SOCKET = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
]

Document = dict[str, Any]
Ask = Callable[[Charge, Callable[[], Document]], Document]


class MetricRequests:
    """Signs and sends GetMetricData for all accounts over one connection pool."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._by_url: dict[str, URLLib3Session] = {}
        self._by_proxies: dict[str, URLLib3Session] = {}

    def fetch(
        self,
        queries: Sequence[MetricQuery],
        window: Window,
        *,
        ask: Ask,
        place: Place,
        charge: Charge,
        now: datetime,
    ) -> MetricData:
        """The points of ``window``; ``ask`` sends each request under the usual rules."""
        count = lines(queries)
        if count > MAX_LINES:
            raise ValueError(f"{count} queries in one call; CloudWatch takes {MAX_LINES}")
        charge = replace(
            charge,
            units=units(queries),
            points=points(queries, window),
            recent=window.start >= now - RECENT,
        )
        body = request_body(queries, window)
        merged = _Merged.of(count)
        token = ""
        for _ in range(MAX_PAGES):
            payload = body if not token else with_token(body, token)
            document = ask(charge, partial(self._post, place, payload))
            merged.add(document)
            token = document.get("NextToken") or ""
            if not token:
                return merged.data()
        merged.unfinished()
        return merged.data()

    def _post(self, place: Place, body: bytes) -> Document:
        client = self._accounts.client(place, "cloudwatch")
        url = client.meta.endpoint_url.rstrip("/") + "/"
        request = AWSRequest(method="POST", url=url, data=body, headers=_HEADERS)
        credentials = self._accounts.get(place.account).credentials()
        frozen = credentials.get_frozen_credentials() if credentials else None
        model = client.meta.service_model
        SigV4Auth(frozen, model.signing_name, client.meta.region_name).add_auth(request)
        prepared = request.prepare()
        # Not part of the signature, so that a proxy may change it.
        prepared.headers["Accept-Encoding"] = "gzip"
        return answer(self._pool(url).send(prepared))

    def _pool(self, url: str) -> URLLib3Session:
        """The connections for ``url``; the environment's proxies are looked up once."""
        if url not in self._by_url:
            proxies = get_environ_proxies(url)
            self._by_url[url] = self._by_proxies.setdefault(
                json.dumps(proxies, sort_keys=True), _connections(proxies)
            )
        return self._by_url[url]


def _connections(proxies: Mapping[str, str]) -> URLLib3Session:
    return URLLib3Session(
        verify=os.environ.get("AWS_CA_BUNDLE") or True,
        proxies=proxies,
        timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
        max_pool_connections=CONNECTIONS,
        socket_options=_SOCKET,
    )


def request_body(queries: Sequence[MetricQuery], window: Window) -> bytes:
    """The request as JSON; line ``i`` has the id ``q<i>``."""
    written: list[bytes] = []
    forms: dict[tuple[int, tuple[str, ...]], bytes] = {}
    line = 0
    for query in queries:
        key, kind = query.series, (query.period, query.statistics)
        metric = orjson.dumps(
            {
                "Namespace": key.namespace,
                "MetricName": key.metric,
                "Dimensions": [{"Name": n, "Value": v} for n, v in key.dimensions],
            }
        )
        if kind not in forms:
            forms[kind] = _form(*kind)
        filling: list[int | bytes] = []
        for _ in query.statistics:
            filling += (line, metric)
            line += 1
        written.append(forms[kind] % tuple(filling))
    return (
        b'{"StartTime":%d,"EndTime":%d,"ScanBy":"TimestampAscending","MetricDataQueries":[%b]}'
        % (
            epoch_ms(window.start) // 1000,
            epoch_ms(window.end) // 1000,
            b",".join(written),
        )
    )


def _form(period: int, statistics: Sequence[str]) -> bytes:
    """The queries of one metric, to be filled with a number and the metric for each statistic."""
    return b",".join(
        b'{"Id":"q%%d","Label":"-","MetricStat":{"Metric":%%b,"Period":%d,"Stat":%b}}'
        % (period, orjson.dumps(each).replace(b"%", b"%%"))
        for each in statistics
    )


def with_token(body: bytes, token: str) -> bytes:
    """The same request for the page that ``token`` names."""
    return b'%b,"NextToken":%b}' % (body[:-1], orjson.dumps(token))


def answer(response: AWSResponse) -> Document:
    """The document of a response; raises ClientError for one that is an error."""
    check_length(response)
    body = response.content
    if response.headers.get("Content-Encoding") == "gzip":
        body = _unpacked(body)
    if response.status_code >= 300:
        raise _refusal(response.status_code, response.headers, body)
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ResponseStreamingError(error=error) from None
    if not isinstance(document, dict) or "MetricDataResults" not in document:
        raise ResponseStreamingError(error="not an answer to GetMetricData")
    return document


def _unpacked(body: bytes) -> bytes:
    try:
        return gzip.decompress(body)
    except (OSError, EOFError) as error:
        raise ResponseStreamingError(error=error) from None


def _refusal(status: int, headers: Mapping[str, str], body: bytes) -> ClientError:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = {}
    if not isinstance(document, dict):
        document = {}
    named = headers.get("x-amzn-query-error", "").partition(";")[0]
    kind = str(document.get("__type") or document.get("code") or "").rpartition("#")[2]
    message = document.get("message") or document.get("Message") or ""
    return ClientError(
        {
            "Error": {"Code": named or kind or str(status), "Message": str(message)},
            "ResponseMetadata": {"HTTPStatusCode": status},
        },
        "GetMetricData",
    )


@dataclass(slots=True)
class _Merged:
    """Pages joined by line; the last word of AWS on a line counts."""

    times: list[list[float]]
    values: list[list[float]]
    complete: list[bool]
    messages: dict[str, None] = field(default_factory=dict)

    @classmethod
    def of(cls, count: int) -> _Merged:
        return cls([[]] * count, [[]] * count, [False] * count)

    def add(self, document: Document) -> None:
        self._hear(document)
        results = document["MetricDataResults"]
        times = [result.get("Timestamps") or [] for result in results]
        values = [result.get("Values") or [] for result in results]
        if list(map(len, times)) != list(map(len, values)):
            raise ResponseStreamingError(error="time stamps and values differ in number")
        complete = [result.get("StatusCode", "Complete") == "Complete" for result in results]
        if not any(self.times) and [r["Id"] for r in results] == _names(len(self.times)):
            self.times, self.values, self.complete = times, values, complete
        else:
            self._place(results, times, values, complete)
        for result in results:
            if "Messages" in result:
                self._hear(result)

    def _place(
        self,
        results: Sequence[Document],
        times: Sequence[list[float]],
        values: Sequence[list[float]],
        complete: Sequence[bool],
    ) -> None:
        """Put an answer that is not in the order of the question, or is one of several, right."""
        for result, at, value, done in zip(results, times, values, complete, strict=True):
            line = int(result["Id"][1:])
            self.times[line] = [*self.times[line], *at]
            self.values[line] = [*self.values[line], *value]
            self.complete[line] = done

    def _hear(self, said: Mapping[str, Any]) -> None:
        for message in said.get("Messages") or ():
            self.messages[f"{message.get('Code', '')}: {message.get('Value', '')}"] = None

    def unfinished(self) -> None:
        self.complete = [False] * len(self.complete)
        self.messages[f"GetMetricData gave more than {MAX_PAGES} pages; the rest is missing"] = None

    def data(self) -> MetricData:
        counts = np.fromiter(map(len, self.times), dtype=np.int64, count=len(self.times))
        starts = np.zeros(len(counts) + 1, dtype=np.int64)
        np.cumsum(counts, out=starts[1:])
        total = int(starts[-1])
        seconds = np.fromiter(chain.from_iterable(self.times), dtype=np.float64, count=total)
        return MetricData(
            at=np.rint(seconds * 1000).astype(np.int64),
            values=np.fromiter(chain.from_iterable(self.values), dtype=np.float64, count=total),
            starts=starts,
            complete=np.array(self.complete, dtype=np.bool_),
            messages=tuple(self.messages),
        )


@lru_cache(maxsize=64)
def _names(count: int) -> list[str]:
    """The ids of so many queries, in the order in which they are asked."""
    return [f"q{line}" for line in range(count)]
