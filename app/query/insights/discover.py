"""Which fields a log message holds, by its kind.

This is the rule for one message. ``shred`` applies it to many at once and must
give the same; what a line of a fixed layout holds stands in ``lines``.

Source: Amazon CloudWatch Logs User Guide, "Supported logs and discovered fields".
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping

import orjson

from app.query.insights.lines import ID, MEGABYTE, Scalar, rules_by_first

MOST_FIELDS = 1000
"""Fields of one event; CloudWatch stops at 200."""

EXACT = 2**53
"""Whole numbers beyond this stay text, because a float cannot hold them."""

Json = str | float | bool | None | dict[str, "Json"] | list["Json"]

_REPORT = re.compile(rf"REPORT RequestId: {ID}")
_REPORT_PARTS = {
    "Duration": "@duration",
    "Billed Duration": "@billedDuration",
    "Memory Size": "@memorySize",
    "Max Memory Used": "@maxMemoryUsed",
    "Init Duration": "@initDuration",
    "Restore Duration": "@lambda.restoreDuration",
    "Billed Restore Duration": "@lambda.billedRestoreDuration",
}
_PART = re.compile(r"([A-Z][A-Za-z ]+): ([0-9]+(?:\.[0-9]+)?) (ms|MB)")
_XRAY = re.compile(r"XRAY TraceId: (\S+)\s+SegmentId: (\S+)")
_PLATFORM = {
    "platform.start": "START",
    "platform.runtimeDone": "END",
    "platform.end": "END",
    "platform.report": "REPORT",
}
_METRICS = {
    "durationMs": ("@duration", 1),
    "billedDurationMs": ("@billedDuration", 1),
    "memorySizeMB": ("@memorySize", MEGABYTE),
    "maxMemoryUsedMB": ("@maxMemoryUsed", MEGABYTE),
    "initDurationMs": ("@initDuration", 1),
    "restoreDurationMs": ("@lambda.restoreDuration", 1),
    "billedRestoreDurationMs": ("@lambda.billedRestoreDuration", 1),
}


def fields(message: str, log_group: str = "") -> dict[str, Scalar]:
    """The discovered fields of a message, without the system fields."""
    root = json_object(message)
    if root is not None:
        return flatten(root)
    found = of_line(message)
    if "{" in message and may_embed(found, log_group):
        root = embedded(message)
        return found if root is None else {**flatten(root), **found}
    return found


def json_object(message: str) -> dict[str, Json] | None:
    """The message as a JSON object; None for all other text."""
    if message[:1] != "{" and message.lstrip()[:1] != "{":
        return None
    return _object(message)


def _object(text: str) -> dict[str, Json] | None:
    try:
        root = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return root if isinstance(root, dict) else None


def may_embed(found: Collection[str], log_group: str) -> bool:
    """Whether JSON within a line counts: in lines of Lambda functions it does."""
    return "@requestId" in found or log_group.startswith("/aws/lambda/")


def embedded(message: str) -> dict[str, Json] | None:
    """The first JSON object inside a line."""
    start = message.find("{")
    root = _object(message[start:])
    if root is not None:
        return root
    try:
        _, end = json.JSONDecoder().raw_decode(message, start)
    except (ValueError, RecursionError):
        return None
    return _object(message[start:end])


def flatten(root: dict[str, Json]) -> dict[str, Scalar]:
    """Leaves by their path: objects by dot, list positions from 0, null absent."""
    flat: dict[str, Scalar] = {}
    stack: list[tuple[str, Json]] = [("", root)]
    while stack and len(flat) < MOST_FIELDS:
        path, value = stack.pop()
        if isinstance(value, dict):
            stack += reversed([(below(path, key), inner) for key, inner in value.items()])
        elif isinstance(value, list):
            stack += reversed([(below(path, str(n)), inner) for n, inner in enumerate(value)])
        elif value is not None:
            flat[named(path)] = scalar(value)
    return {**flat, **of_platform(root)} if is_platform(root) else flat


def below(path: str, key: str) -> str:
    """The path of a key of what lies at a path."""
    return f"{path}.{key}" if path else key


def named(path: str) -> str:
    """The name of a leaf: one that begins with ``@`` gets one more."""
    return f"@{path}" if path.startswith("@") else path


def scalar(value: str | float | bool) -> Scalar:
    """A JSON value as a field holds it: numbers are floats where those are exact."""
    if isinstance(value, str | bool | float):
        return value
    return float(value) if abs(value) <= EXACT else str(value)


def is_platform(root: Mapping[str, Json]) -> bool:
    """Whether this is what Lambda itself writes where its log format is JSON."""
    kind = root.get("type")
    return isinstance(kind, str) and kind.startswith("platform.")


def of_platform(root: Mapping[str, Json]) -> dict[str, Scalar]:
    """The fields that the same line has where the log format of a function is text."""
    record, kind = root.get("record"), _PLATFORM.get(str(root["type"]))
    if kind is None or not isinstance(record, dict):
        return {}
    found: dict[str, Scalar] = {"@type": kind}
    if isinstance(request := record.get("requestId"), str):
        found["@requestId"] = request
    if kind == "REPORT":
        found |= _measured(record.get("metrics")) | _traced(record.get("tracing"))
    return found


def _measured(metrics: Json) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    for key, value in metrics.items() if isinstance(metrics, dict) else ():
        if key in _METRICS and isinstance(value, int | float) and not isinstance(value, bool):
            name, factor = _METRICS[key]
            found[name] = float(value) * factor
    return found


def _traced(tracing: Json) -> dict[str, Scalar]:
    if not isinstance(tracing, dict):
        return {}
    found: dict[str, Scalar] = {}
    root = re.search(r"Root=([^;]+)", str(tracing.get("value")))
    if root is not None:
        found["@xrayTraceId"] = root[1]
    if isinstance(segment := tracing.get("spanId"), str):
        found["@xraySegmentId"] = segment
    return found


def of_line(message: str) -> dict[str, Scalar]:
    """What a line that is no JSON holds by its layout."""
    for rule in rules_by_first().get(message[:1], ()):
        found = rule.fields(message)
        if found is not None:
            return found
    return _odd_report(message) if message.startswith("REPORT ") else {}


def _odd_report(message: str) -> dict[str, Scalar]:
    """A damaged REPORT line, or one in another order: each value that can be read."""
    request = _REPORT.match(message)
    if request is None:
        return {}
    found: dict[str, Scalar] = {"@type": "REPORT", "@requestId": request[1]}
    for label, digits, unit in _PART.findall(message):
        name = _REPORT_PARTS.get(label.strip())
        if name is not None:
            found[name] = float(digits) * (MEGABYTE if unit == "MB" else 1)
    xray = _XRAY.search(message)
    if xray is not None:
        found["@xrayTraceId"], found["@xraySegmentId"] = xray[1], xray[2]
    return found
