"""What the series of a request are called where nobody named them, as GetMetricData does it.

A metric is called by what tells it apart from the others on show: a chart of one metric
over ten functions names the functions and not the metric.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

Query = Mapping[str, Any]


def labels(queries: Sequence[Query]) -> dict[str, str]:
    """The label of each visible query by its Id; queries are as in GetMetricData.

    Queries with a Label keep it and, like hidden ones, take no part in what is told
    apart. An expression without a Label is called by its Id.
    """
    visible = [query for query in queries if query.get("ReturnData", True)]
    found = {str(query["Id"]): str(query.get("Label") or query["Id"]) for query in visible}
    metrics = [query for query in visible if query.get("MetricStat") and not query.get("Label")]
    return found | dict(zip((str(q["Id"]) for q in metrics), _told_apart(metrics), strict=True))


def _told_apart(metrics: Sequence[Query]) -> list[str]:
    parts = [_parts(query) for query in metrics]
    names = sorted({name for each in parts for name in each})
    differing = [name for name in names if len({each.get(name) for each in parts}) > 1]
    words = [
        " ".join(each[name] for name in differing if name in each) or each["2"] for each in parts
    ]
    for word in ("Stat", "Period"):
        words = _with(word, words, metrics)
    return words


def _parts(query: Query) -> dict[str, str]:
    """Namespace, dimensions and name of a metric, by keys that sort in the order of a label."""
    metric = query["MetricStat"]["Metric"]
    pairs = {f"1{d['Name']}": str(d["Value"]) for d in metric.get("Dimensions") or ()}
    return {"0": str(metric.get("Namespace") or ""), **pairs, "2": str(metric["MetricName"])}


def _with(word: str, words: Sequence[str], metrics: Sequence[Query]) -> list[str]:
    """The labels with a statistic or a period behind those that are still alike but for it."""
    values = [str(query["MetricStat"][word]) for query in metrics]
    alike = Counter(words)
    pairs = Counter(zip(words, values, strict=True))
    return [
        f"{each} {value}" if alike[each] > pairs[each, value] else each
        for each, value in zip(words, values, strict=True)
    ]
