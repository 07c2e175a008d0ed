"""Every sample of metric math, SEARCH and Metrics Insights, and how keys become arguments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.query import metric_math, metrics_sql
from app.query.lang import QueryError

SAMPLES = Path(__file__).parents[1] / "cases" / "metric-math.jsonl"


def samples(kind: str) -> list[Any]:
    lines = map(json.loads, SAMPLES.read_text(encoding="utf-8").splitlines())
    return [pytest.param(line, id=line["id"]) for line in lines if line["kind"] == kind]


def listed(points: Any) -> list[list[float]]:
    return [list(point) for point in points]


def math(sample: dict[str, Any]) -> dict[str, Any] | str:
    options = {k: sample[k] for k in ("expressions", "bands", "context", "final") if k in sample}
    given = (sample[k] for k in ("expression", "series", "period", "start", "end"))
    try:
        result = metric_math.evaluate(*given, **options)
    except QueryError:
        return "error"
    if result.series is not None:
        return {"series": listed(result.series)}
    if result.array is not None:
        return {"array": [{"id": e.id, "values": listed(e.values)} for e in result.array]}
    return {"scalar": result.scalar}


@pytest.mark.parametrize("sample", samples("math"))
def test_an_expression_gives_what_is_expected(sample: dict[str, Any]) -> None:
    assert math(sample) == sample["expected"], sample["why"]


@pytest.mark.parametrize("sample", samples("search-tokens"))
def test_a_text_has_its_tokens(sample: dict[str, Any]) -> None:
    assert metric_math.tokens(sample["input"]) == set(sample["expected"]), sample["why"]


@pytest.mark.parametrize("sample", samples("search"))
def test_a_search_finds_its_metrics(sample: dict[str, Any]) -> None:
    found = metric_math.search_ids(sample["expression"], sample["catalog"])
    assert sorted(found) == sorted(sample["expected"]), sample["why"]


@pytest.mark.parametrize("sample", samples("sql-parse"))
def test_a_query_is_valid_or_not(sample: dict[str, Any]) -> None:
    try:
        metrics_sql.parse(sample["query"])
    except QueryError:
        assert sample["expected"] == "error", sample["why"]
    else:
        assert sample["expected"] == "valid", sample["why"]


@pytest.mark.parametrize("sample", samples("sql-eval"))
def test_a_query_gives_what_is_expected(sample: dict[str, Any]) -> None:
    result = metrics_sql.evaluate(sample["query"], sample["catalog"], period=sample["period"])
    found = [{"label": e.label, "values": listed(e.values)} for e in result.array]
    wanted = sample["expected"]["array"]
    if not sample["expected"].get("ordered", True):
        found, wanted = (sorted(each, key=lambda e: e["label"] or "") for each in (found, wanted))
    assert found == wanted, sample["why"]
