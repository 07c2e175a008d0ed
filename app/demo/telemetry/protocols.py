"""The three ways to speak to CloudWatch: smithy-rpc-v2-cbor, JSON 1.0 and query with XML.

Each turns a request into plain values and an answer into bytes. The lists of
points are written by numpy and orjson, never point by point, except in XML.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import numpy as np
import orjson

from app.demo.refusal import Refused
from app.demo.telemetry import cbor
from app.demo.telemetry.fields import Request, mapping
from app.demo.telemetry.listing import At
from app.demo.telemetry.reading import Page, Points

_XMLNS = "http://monitoring.amazonaws.com/doc/2010-08-01/"


@dataclass(frozen=True, slots=True)
class Protocol:
    """How one protocol reads requests and writes the two kinds of answers."""

    content_type: str
    read: Callable[[bytes], Request]
    plain: Callable[[str, Mapping[str, object]], bytes]
    page: Callable[[Page], bytes]


def _read_cbor(body: bytes) -> Request:
    try:
        return mapping(cbor.read(body)) if body else {}
    except cbor.Malformed as error:
        raise Refused("SerializationException", f"The request is not CBOR: {error}") from error


def _plain_cbor(_operation: str, answer: Mapping[str, object]) -> bytes:
    return cbor.written(dict(answer), _cbor_special)


def _cbor_special(item: object) -> bytes | None:
    if isinstance(item, At):
        return b"\xc1" + cbor.written(float(item), lambda _: None)
    if isinstance(item, np.ndarray):
        whole = np.issubdtype(item.dtype, np.integer)
        return cbor.timestamps(item) if whole else cbor.numbers(item)
    return None


def _page_cbor(page: Page) -> bytes:
    return _plain_cbor("GetMetricData", _page_fields(page))


def _page_fields(page: Page) -> dict[str, object]:
    fields: dict[str, object] = {"MetricDataResults": [_result(p) for p in page.results]}
    fields["Messages"] = []
    if page.token:
        fields["NextToken"] = page.token
    return fields


def _result(points: Points) -> dict[str, object]:
    result: dict[str, object] = {
        "Id": points.id,
        "Label": points.label,
        "Timestamps": np.ascontiguousarray(points.at),
        "Values": np.ascontiguousarray(points.values),
        "StatusCode": points.status,
    }
    if points.messages:
        result["Messages"] = [{"Code": code, "Value": value} for code, value in points.messages]
    return result


def _read_json(body: bytes) -> Request:
    try:
        return mapping(orjson.loads(body or b"{}"))
    except orjson.JSONDecodeError as error:
        raise Refused("SerializationException", f"The request is not JSON: {error}") from error


def _plain_json(_operation: str, answer: Mapping[str, object]) -> bytes:
    # At is a subclass of int, which orjson writes as a number.
    return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)


def _page_json(page: Page) -> bytes:
    return _plain_json("GetMetricData", _page_fields(page))


def _read_query(body: bytes) -> Request:
    """Flat names such as ``MetricDataQueries.member.1.Id`` as nested values."""
    tree: dict[str, object] = {}
    for name, value in parse_qsl(body.decode(), keep_blank_values=True):
        node, parts = tree, name.split(".")
        for part in parts[:-1]:
            below = node.setdefault(part, {})
            if not isinstance(below, dict):
                raise Refused("MalformedQueryString", f"`{name}` is both a value and a structure.")
            node = below
        node[parts[-1]] = value
    return mapping(_folded(tree))


def _folded(node: object) -> object:
    if not isinstance(node, dict):
        return node
    if set(node) == {"member"} and isinstance(node["member"], dict):
        members = node["member"]
        return [_folded(members[key]) for key in sorted(members, key=int)]
    return {key: _folded(value) for key, value in node.items()}


def _plain_query(operation: str, answer: Mapping[str, object]) -> bytes:
    inner = _xml(answer)
    return (
        f'<{operation}Response xmlns="{_XMLNS}"><{operation}Result>{inner}</{operation}Result>'
        f"<ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></{operation}Response>"
    ).encode()


def _xml(value: object) -> str:
    if isinstance(value, dict):
        return "".join(f"<{k}>{_xml(v)}</{k}>" for k, v in value.items())
    if isinstance(value, np.ndarray):
        whole = np.issubdtype(value.dtype, np.integer)
        texts = (_stamp(int(v)) if whole else repr(float(v)) for v in value)
        return "".join(f"<member>{text}</member>" for text in texts)
    if isinstance(value, list):
        return "".join(f"<member>{_xml(v)}</member>" for v in value)
    if isinstance(value, At):
        return _stamp(value)
    return escape(value if isinstance(value, str) else json.dumps(value))


def _stamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _page_query(page: Page) -> bytes:
    return _plain_query("GetMetricData", _page_fields(page))


CBOR = Protocol("application/cbor", _read_cbor, _plain_cbor, _page_cbor)
JSON = Protocol("application/x-amz-json-1.0", _read_json, _plain_json, _page_json)
QUERY = Protocol("text/xml", _read_query, _plain_query, _page_query)
