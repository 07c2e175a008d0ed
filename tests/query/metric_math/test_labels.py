"""Series without a label are called by what tells them apart, as recorded from the service."""

from __future__ import annotations

from typing import Any

import pytest

from app.query.metric_math import labels


def query(id_: str, name: str = "AllZero", **more: Any) -> dict[str, Any]:
    of = {"Namespace": more.pop("namespace", "App"), "MetricName": name}
    dimensions = [{"Name": n, "Value": v} for n, v in more.pop("dimensions", {}).items()]
    stat = {"Stat": more.pop("stat", "Sum"), "Period": more.pop("period", 60)}
    return {"Id": id_, "MetricStat": {"Metric": {**of, "Dimensions": dimensions}, **stat}, **more}


@pytest.mark.parametrize(
    ("queries", "expected"),
    [
        pytest.param([query("m")], ["AllZero"], id="one alone"),
        pytest.param(
            [query("m"), query("n", stat="Average")],
            ["AllZero Sum", "AllZero Average"],
            id="told apart by the statistic",
        ),
        pytest.param(
            [query("m"), query("n", period=120)],
            ["AllZero 60", "AllZero 120"],
            id="told apart by the period",
        ),
        pytest.param(
            [query("m"), query("n", stat="Average", period=120)],
            ["AllZero Sum", "AllZero Average"],
            id="the statistic before the period",
        ),
        pytest.param(
            [query("m", dimensions={"D": "a"}), query("n", "Weighted", dimensions={"D": "b"})],
            ["a AllZero", "b Weighted"],
            id="dimension, then name",
        ),
        pytest.param(
            [query("m"), query("n", "Weighted", stat="Average")],
            ["AllZero", "Weighted"],
            id="names tell enough",
        ),
        pytest.param(
            [query("m", dimensions={"D": "a", "C": "x"}), query("n", dimensions={"D": "a"})],
            ["x", "AllZero"],
            id="a missing dimension differs",
        ),
        pytest.param(
            [
                query("m", dimensions={"Z": "1", "A": "2"}, namespace="N1"),
                query("n", dimensions={"Z": "3", "A": "4"}, namespace="N2"),
            ],
            ["N1 2 1", "N2 4 3"],
            id="namespace, then dimensions by name",
        ),
        pytest.param(
            [query("m"), query("n", stat="Average"), query("o", "Weighted")],
            ["AllZero Sum", "AllZero Average", "Weighted"],
            id="only those that are alike get more",
        ),
        pytest.param(
            [query("m"), query("n", "Weighted", Label="own"), query("o", "B", ReturnData=False)],
            ["AllZero", "own"],
            id="labelled and hidden ones take no part",
        ),
        pytest.param(
            [query("m"), {"Id": "e1", "Expression": "m * 2"}],
            ["AllZero", "e1"],
            id="an expression by its Id",
        ),
        pytest.param([query("m"), query("n")], ["AllZero", "AllZero"], id="nothing tells apart"),
    ],
)
def test_a_series_is_called_by_what_tells_it_apart(
    queries: list[dict[str, Any]], expected: list[str]
) -> None:
    assert list(labels(queries).values()) == expected
