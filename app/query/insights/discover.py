"""Which fields a log message holds, by its kind.

Source: Amazon CloudWatch Logs User Guide, "Supported logs and discovered fields".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import orjson

Scalar = str | float | bool
MOST_FIELDS = 1000
_EXACT = 2**53

_REQUEST = re.compile(r"(START|END|REPORT) RequestId: ([0-9a-fA-F-]{36})")
_REPORT_PARTS = {
    "Duration": "@duration",
    "Billed Duration": "@billedDuration",
    "Memory Size": "@memorySize",
    "Max Memory Used": "@maxMemoryUsed",
    "Init Duration": "@initDuration",
    "Restore Duration": "@restoreDuration",
    "Billed Restore Duration": "@billedRestoreDuration",
}
_REPORT = re.compile(r"([A-Z][A-Za-z ]+): ([0-9]+(?:\.[0-9]+)?) (ms|MB)")
_XRAY = re.compile(r"XRAY TraceId: (\S+)\s+SegmentId: (\S+)")
_NODE = re.compile(r"\S+Z?\t([0-9a-fA-F-]{36})\t[A-Z]+\t")
_MEGABYTE = 1_000_000
"""CloudWatch writes Lambda memory in decimal megabytes."""

_VPC = [
    "version",
    "accountId",
    "interfaceId",
    "srcAddr",
    "dstAddr",
    "srcPort",
    "dstPort",
    "protocol",
    "packets",
    "bytes",
    "startTime",
    "endTime",
    "action",
    "logStatus",
]
_ROUTE53 = [
    "version",
    "queryTimestamp",
    "hostZoneId",
    "queryName",
    "queryType",
    "responseCode",
    "protocol",
    "edgeLocation",
    "resolverIp",
    "ednsClientSubnet",
]
_DNS_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


def fields(message: str, log_group: str = "") -> dict[str, Scalar]:
    """The discovered fields of a message, without the system fields."""
    start = message.lstrip()[:1]
    if start == "{":
        flat = _json_fields(message)
        if flat is not None:
            return flat
    lambda_fields = _lambda(message)
    if lambda_fields or log_group.startswith("/aws/lambda/"):
        return {**_embedded(message), **lambda_fields}
    return _columns(message)


def _json_fields(message: str) -> dict[str, Scalar] | None:
    try:
        root = orjson.loads(message)
    except orjson.JSONDecodeError:
        return None
    return flatten(root) if isinstance(root, dict) else None


def flatten(root: dict[str, object]) -> dict[str, Scalar]:
    """Leaves by their path: objects by dot, list positions from 0, null absent."""
    flat: dict[str, Scalar] = {}
    for path, value in _leaves(root, ""):
        if len(flat) >= MOST_FIELDS:
            break
        flat[f"@{path}" if path.startswith("@") else path] = value
    return flat


def _leaves(value: object, path: str) -> Iterator[tuple[str, Scalar]]:
    stack: list[tuple[str, object]] = [(path, value)]
    while stack:
        path, value = stack.pop()
        below: list[tuple[str, object]]
        if isinstance(value, dict):
            below = [(f"{path}.{key}" if path else key, inner) for key, inner in value.items()]
            stack += reversed(below)
        elif isinstance(value, list):
            below = [(f"{path}.{position}", inner) for position, inner in enumerate(value)]
            stack += reversed(below)
        elif isinstance(value, bool | str):
            yield path, value
        elif isinstance(value, int | float):
            yield path, float(value) if abs(value) <= _EXACT else str(value)


def _lambda(message: str) -> dict[str, Scalar]:
    request = _REQUEST.match(message)
    if request is None:
        node = _NODE.match(message)
        return {"@requestId": node[1]} if node else {}
    found: dict[str, Scalar] = {"@type": request[1], "@requestId": request[2]}
    if request[1] != "REPORT":
        return found
    for label, digits, unit in _REPORT.findall(message):
        name = _REPORT_PARTS.get(label.strip())
        if name is not None:
            found[name] = float(digits) * (_MEGABYTE if unit == "MB" else 1)
    xray = _XRAY.search(message)
    if xray is not None:
        found["@xrayTraceId"], found["@xraySegmentId"] = xray[1], xray[2]
    return found


def _embedded(message: str) -> dict[str, Scalar]:
    """The first JSON object inside a line of a Lambda function."""
    start = message.find("{")
    if start < 0:
        return {}
    try:
        root, _ = json.JSONDecoder().raw_decode(message, start)
    except (ValueError, RecursionError):
        return {}
    return flatten(root)


def _columns(message: str) -> dict[str, Scalar]:
    parts = message.split()
    if len(parts) == len(_VPC) and parts[2].startswith("eni-"):
        return {name: part for name, part in zip(_VPC, parts, strict=True) if part != "-"}
    if len(parts) == len(_ROUTE53) and _DNS_TIME.match(parts[1]) and parts[2].startswith("Z"):
        return {name: part for name, part in zip(_ROUTE53, parts, strict=True) if part != "-"}
    return {}
