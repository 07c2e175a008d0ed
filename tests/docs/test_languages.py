"""Every command and function of the query languages is described."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.query.insights.aggregates import aggregates
from app.query.insights.functions import Function, functions
from app.query.insights.lines import RULES
from app.query.insights.parse import COMMANDS
from app.query.metric_math.functions import Function as MathFunction
from app.query.metric_math.functions import functions as math_functions
from app.query.metrics_sql.run import TOO_MANY, TOO_OLD
from app.query.metrics_sql.tree import Statistic
from app.query.trace_filter import COMPLEX, Keyword, keywords

INSIGHTS = Path("docs/query/logs-insights.md").read_text(encoding="utf-8")
MATH = Path("docs/query/metric-math.md").read_text(encoding="utf-8")
SQL = Path("docs/query/metrics-insights.md").read_text(encoding="utf-8")
TRACES = Path("docs/query/trace-filters.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_described(name: str) -> None:
    assert f"`{name}`" in INSIGHTS


@pytest.mark.parametrize("entry", functions().values(), ids=lambda entry: entry.name)
def test_a_function_is_described(entry: Function) -> None:
    assert f"`{entry.name}`" in INSIGHTS
    assert entry.says in INSIGHTS


@pytest.mark.parametrize("name", [entry.name for entry in aggregates().values()])
def test_an_aggregate_is_described(name: str) -> None:
    assert f"`{name}`" in INSIGHTS


@pytest.mark.parametrize(
    "name", sorted({name for rule in RULES for name in (*rule.names, *rule.constant)})
)
def test_a_discovered_field_is_described(name: str) -> None:
    assert f"`{name}`" in INSIGHTS


@pytest.mark.parametrize("entry", math_functions().values(), ids=lambda entry: entry.name)
def test_a_function_of_metric_math_is_described(entry: MathFunction) -> None:
    assert f"| `{entry.name}` | {entry.says}" in MATH


@pytest.mark.parametrize("name", [str(each) for each in Statistic])
def test_a_function_of_metrics_insights_is_described(name: str) -> None:
    assert f"`{name}`" in SQL


@pytest.mark.parametrize("message", [TOO_MANY, TOO_OLD])
def test_a_message_of_metrics_insights_is_described(message: str) -> None:
    assert f"`{message}`" in SQL


@pytest.mark.parametrize("entry", keywords().values(), ids=lambda entry: entry.name)
def test_a_keyword_of_trace_filters_is_described(entry: Keyword) -> None:
    assert f"| `{entry.name}` | {entry.kind} | {entry.says} |" in TRACES


@pytest.mark.parametrize("name", COMPLEX)
def test_a_complex_keyword_of_trace_filters_is_described(name: str) -> None:
    assert f"| `{name}` | {COMPLEX[name]} |" in TRACES
