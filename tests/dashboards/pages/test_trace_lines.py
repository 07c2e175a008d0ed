"""The panel of a trace's log lines: none there, and not all searched, look different."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.model.logs import LogGroupKey
from app.model.rounds import Batch
from app.read.trace_page import lines
from dashboards.pages import trace
from dashboards.parts import Seen
from tests.store.log_samples import rows
from tests.support.components import text
from tests.support.shelf import HOME, Shelf
from tests.support.traces import blog_request, handed_over, trace_id

ENDED = "The search for log lines ended early, the limit of -1 s was reached: there may be more"


def panel(made: Shelf, seen: Seen) -> tuple[Any, str, str]:
    """The lines, how the panel looks, and what it says."""
    found = trace.answer(made.reads, trace_id(5), made.scope(timedelta(hours=3)), seen)
    body, look, line = found[6:9]
    return body, look, text(line) if line else ""


@pytest.mark.parametrize(
    ("seconds", "look", "expected"),
    [
        (8.0, "panel look-nothing", "No log line names this trace."),
        (-1.0, "panel look-could-not-ask", f"{ENDED} lines."),
    ],
)
def test_no_line_is_said_only_where_all_were_searched(
    tmp_path: Path, seen: Seen, monkeypatch: pytest.MonkeyPatch, *, seconds: float, look: str,
    expected: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(lines, "SECONDS", seconds)
    made = Shelf(tmp_path)
    logged = rows({LogGroupKey(HOME, "/a"): [(0, "of another")]})
    made.commit(Batch(traces=[handed_over(*blog_request(5))], logs=logged))
    assert panel(made, seen) == (None, look, expected)
    made.close()


def test_lines_that_are_not_all_say_so(
    tmp_path: Path, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST_LINES", 1)
    made = Shelf(tmp_path)
    named = [(0, f"first {trace_id(5)}"), (1, f"second {trace_id(5)}")]
    logged = rows({LogGroupKey(HOME, "/a"): named})
    made.commit(Batch(traces=[handed_over(*blog_request(5))], logs=logged))
    body, look, line = panel(made, seen)
    assert ("first" in text(body), "second" in text(body)) == (True, False)
    assert (look, line) == ("panel look-data", "Only the first 1 lines are shown; there are more.")
    made.close()
