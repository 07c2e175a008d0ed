"""Queries with stated answers, and the answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.query.insights import QueryError, run_query

CASES = [
    json.loads(line)
    for line in Path("tests/cases/logs-insights.jsonl").read_text(encoding="utf-8").splitlines()
]


def plain(cell: object) -> object:
    """Numbers and texts that read as numbers are one thing in a result."""
    try:
        return round(float(cell), 4)
    except (TypeError, ValueError):
        return cell


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_documented_query(case: dict[str, Any]) -> None:
    if case.get("error"):
        with pytest.raises(QueryError):
            run_query(case["query"], case["events"])
        return
    result = run_query(case["query"], case["events"])
    expected = case["expected"]
    found = [[plain(cell) for cell in row] for row in result.rows]
    wanted = [[plain(cell) for cell in row] for row in expected["rows"]]
    if not expected["ordered"]:
        found, wanted = sorted(found, key=repr), sorted(wanted, key=repr)
    assert result.columns == expected["columns"], case["why"]
    assert found == wanted, case["why"]
