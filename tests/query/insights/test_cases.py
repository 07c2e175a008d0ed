"""Every rule of the language has a case in ``tests/cases/insights``, its answer written out.

``events`` are messages, one second apart from 2024-01-01 00:00:00 UTC, or tables
with ``at`` (seconds from then), ``message``, ``stream`` and ``group``; a name
means a list at the head of the file. ``rows`` are JSON, so that null can be
written. In ``[[value]]``, ``of`` is an expression over one event.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.query.insights import QueryError, Result, run_query

T0 = 1_704_067_200_000
FOLDER = Path("tests/cases/insights")


def _read(kind: str) -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        for case in content.get(kind, []):
            given = case.get("events", content.get("default", {}).get("events", []))
            events = content["events"][given] if isinstance(given, str) else given
            label = case.get("name") or case["of"]
            found.append(pytest.param({**case, "events": events}, id=f"{path.stem}: {label}"))
    return found


def _event(number: int, event: str | dict[str, Any]) -> dict[str, Any]:
    given = {"message": event} if isinstance(event, str) else event
    found = {
        "timestamp": T0 + int(given.get("at", number) * 1000),
        "message": given["message"],
        "logStream": given.get("stream", "stream"),
        "logGroup": given.get("group", "/group"),
    }
    return found | {name: given[name] for name in ("ingestionTime", "account") if name in given}


def _asked(case: dict[str, Any]) -> Result:
    events = [_event(number, event) for number, event in enumerate(case["events"])]
    names = ("start", "end", "now", "log_groups", "lookup_tables")
    return run_query(case["query"], events, **{n: case[n] for n in names if n in case})


def _exact(rows: list[list[Any]]) -> list[str]:
    """Rows in which 1, 1.0 and "1" differ, apart from 1 and 1.0."""
    return [json.dumps([_whole(cell) for cell in row], ensure_ascii=False) for row in rows]


def _whole(cell: Any) -> Any:
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


@pytest.mark.parametrize("case", [c for c in _read("case") if "error" not in c.values[0]])
def test_an_answer(case: dict[str, Any]) -> None:
    result = _asked(case)
    found, wanted = _exact(result.rows), _exact(json.loads(case["rows"]))
    if case.get("any_order"):
        found, wanted = sorted(found), sorted(wanted)
    assert found == wanted
    if "columns" in case:
        assert result.columns == case["columns"]


@pytest.mark.parametrize("case", [c for c in _read("case") if "error" in c.values[0]])
def test_a_mistake(case: dict[str, Any]) -> None:
    with pytest.raises(QueryError) as caught:
        _asked(case)
    error = caught.value
    assert case["error"] in error.drawn()
    if "marked" in case:
        assert case["query"][error.span.start : error.span.end] == case["marked"]


@pytest.mark.parametrize("case", _read("value"))
def test_a_value(case: dict[str, Any]) -> None:
    events = case["events"] or ["x"]
    asked = {**case, "events": events, "query": f"fields {case['of']} as v | display v"}
    assert _exact(_asked(asked).rows) == _exact([[json.loads(case["is"])]])
