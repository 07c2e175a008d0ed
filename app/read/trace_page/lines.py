"""The log lines of a trace: those that name it, then those of the requests that these name.

A line rarely carries the id of its trace: of a function only the last one does. So
the first question finds lines with the trace's id, the second those with the
request ids that the first ones and the segments tell. What could not be searched
is told beside the lines: "not found" is not "not there".
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import timedelta

from app.model.errors import OpsError
from app.model.time import EPOCH, Window, from_epoch_ms
from app.model.traces import Trace, w3c_id
from app.query.insights import Limits
from app.read.log_page import cell_rows
from app.read.logs import LogsReader
from app.read.scope import Scope
from app.read.trace_page.answers import TraceLine, TraceLines
from app.read.trace_page.levels import level_of

BEFORE, AFTER = timedelta(minutes=1), timedelta(minutes=5)
MOST_LINES, MOST_IDS, SECONDS = 500, 30, 8.0
LEAST_ID = 16
"""Shorter ids than this would be found in lines of others."""

_REQUEST = re.compile(r"(?i)request_?id\W{1,4}([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_FAILED = "The log lines could not be searched: {}."
_STOPPED = "The search for log lines ended early, {} was reached: there may be more lines."
_IDS = "Log lines were searched for {} of the {} requests of this trace: there may be more lines."
_LINES = "Only the first {:,} lines are shown; there are more."


def lines_of(trace: Trace, logs: LogsReader, scope: Scope) -> TraceLines:
    """What was logged by the trace, oldest first."""
    window, lacking = _window(trace), list[str]()
    ids = [trace.trace_id, w3c_id(trace.trace_id)]
    found = _asked(ids, logs, scope, window, lacking)
    requests = {id_ for *_, text in found for id_ in _REQUEST.findall(text)} | _requests(trace)
    more = sorted(id_ for id_ in requests if len(id_) >= LEAST_ID)
    if len(more) > MOST_IDS:
        lacking.append(_IDS.format(MOST_IDS, len(more)))
    if more:
        found |= _asked(more[:MOST_IDS], logs, scope, window, lacking)
    if len(found) > MOST_LINES:
        lacking.append(_LINES.format(MOST_LINES))
    lines = [
        TraceLine(from_epoch_ms(at), group, text, level_of(text))
        for at, group, text in sorted(found)[:MOST_LINES]
    ]
    return TraceLines(tuple(lines), tuple(dict.fromkeys(lacking)))


def _window(trace: Trace) -> Window:
    spans = list(trace.walk())
    start = min((span.start for span in spans), default=trace.summary.start)
    end = max((span.end or span.start for span in spans), default=start)
    moment = timedelta(microseconds=1)
    return Window(EPOCH + start * moment - BEFORE, EPOCH + end * moment + AFTER)


def _requests(trace: Trace) -> set[str]:
    """Request ids that the segments of functions tell; those of calls stand in no log of ours."""
    return {str(one.aws["request_id"]) for one in trace.segments if one.aws.get("request_id")}


def _asked(
    ids: Sequence[str], logs: LogsReader, scope: Scope, window: Window, lacking: list[str]
) -> set[tuple[int, str, str]]:
    """Time, group and message of the lines with any of these ids; ``lacking`` gets what is missed.

    One more than is shown is asked for: it tells that there are more.
    """
    likes = " or ".join(f"@message like {json.dumps(id_)}" for id_ in ids)
    text = (
        f"fields @timestamp, @log, @message | filter {likes} "
        f"| sort @timestamp asc | limit {MOST_LINES + 1}"
    )
    try:
        answer = logs.query(
            text, (), window, scope.places, now=scope.now, limits=Limits(MOST_LINES + 1, SECONDS)
        )
    except OpsError as error:
        lacking.append(_FAILED.format(str(error).rstrip(".")))
        return set()
    if answer.scanned.stopped:
        lacking.append(_STOPPED.format(answer.scanned.stopped))
    if answer.data.height > MOST_LINES:
        lacking.append(_LINES.format(MOST_LINES))
    return {
        (int(at or 0), _group(str(log or "")), str(message or ""))
        for at, log, message in cell_rows(answer)
    }


def _group(log: str) -> str:
    """The name of a group without its account."""
    return log.partition(":")[2] or log
