"""Which other traces whole ones are linked to: who sent the message that they work on.

A hop between two traces can be drawn and followed only where both are whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from app.model.traces import TraceDocuments, is_trace_id

_MARK = b'"links"'


def linked_ids(traces: Iterable[TraceDocuments]) -> list[str]:
    """The ids of other traces that the documents of these name, each once."""
    given = [one for one in traces if one.whole]
    own = {one.trace_id for one in given}
    named = (id_ for one in given for text in one.documents for id_ in _ids(text))
    return [id_ for id_ in dict.fromkeys(named) if id_ not in own]


def _ids(text: str | bytes) -> Iterator[str]:
    raw = text.encode("utf-8", "replace") if isinstance(text, str) else text
    if _MARK not in raw:
        return
    try:
        waiting = [orjson.loads(raw)]
    except orjson.JSONDecodeError:  # told where documents are checked
        return
    while waiting:
        part = waiting.pop()
        for link in _objects(part, "links"):
            if is_trace_id(link.get("trace_id")):
                yield link["trace_id"]
        waiting += _objects(part, "subsegments")


def _objects(part: Any, key: str) -> list[Mapping[str, Any]]:
    found = part.get(key) if isinstance(part, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
