"""Every rule of Metrics Insights has a case in ``tests/cases/metrics-insights``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.query.metrics_sql import QueryError, evaluate, parse, printed
from tests.support.series import series

START = 1767225600
CONTENT = tomllib.loads(Path("tests/cases/metrics-insights/rules.toml").read_text(encoding="utf-8"))


def rows(text: str, period: int) -> list[tuple[int, float]]:
    values = enumerate(series(text))
    return [(START + period * n, value) for n, value in values if value is not None]


CATALOG = [
    {"namespace": "App", "metric": "Hits", "dimensions": {}, **metric}
    | {"samples": rows(metric["points"], 60)}
    for metric in CONTENT["metric"]
]


@pytest.mark.parametrize("case", CONTENT["case"], ids=lambda case: case.get("name") or case["of"])
def test_a_rule_holds(case: dict[str, Any]) -> None:
    period, label = case.get("period", 60), case.get("label", "")
    if "error" in case:
        with pytest.raises(QueryError) as caught:
            evaluate(case["of"], CATALOG, period=period)
        error = caught.value
        assert case["error"] in str(error)
        assert case.get("at", "") in error.query[error.span.start : error.span.end]
        assert error.drawn().endswith("^")
        return
    result = evaluate(case["of"], CATALOG, period=period, label=label, account="111111111111")
    wanted = [each.rpartition(":") for each in case["are"]]
    found = [(each.label, each.values) for each in result.array]
    step = max(60, period)
    assert found == [(name or None, rows(points, step)) for name, _, points in wanted]
    assert parse(printed(parse(case["of"]))) == parse(case["of"])
