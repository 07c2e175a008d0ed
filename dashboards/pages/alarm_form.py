"""The fields of the form that writes an alarm, and what stands in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from alerts.writing import Draft
from app.model.ids import Place
from app.read import Reads

PAGE = "alarm-edit"
OPERATORS = {
    "GreaterThanThreshold": "above",
    "GreaterThanOrEqualToThreshold": "at or above",
    "LessThanThreshold": "below",
    "LessThanOrEqualToThreshold": "at or below",
}
MISSING = {
    "missing": "no state",
    "ignore": "keep the state",
    "breaching": "breaching",
    "notBreaching": "good",
}
SEVERITIES = {"critical": "critical", "warning": "warning"}
STATISTICS = (
    "Average", "Sum", "Minimum", "Maximum", "SampleCount", "p50", "p90", "p95", "p99", "IQM",
)  # fmt: skip
_CHOICES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "operator": ("Alarm when the value is", OPERATORS),
    "missing": ("A missing point counts as", MISSING),
    "severity": ("Severity", SEVERITIES),
}
_TEXTS = {
    "place": ("Account/Region", "blog-prod/eu-central-1"),
    "name": ("Name", "orders are late"),
    "description": ("What it means, what to do", "Orders wait for more than five minutes."),
    "namespace": ("Namespace", "AWS/SQS"),
    "metric": ("Metric", "ApproximateAgeOfOldestMessage"),
    "dimensions": ("Dimensions", "QueueName=orders"),
    "statistic": ("Statistic", "Average, p99, TM(2%:98%)"),
    "period": ("Period in seconds", "60"),
    "threshold": ("Threshold", "300"),
    "needed": ("So many points must breach", "all of them"),
    "periods": ("of the newest", "3"),
    "channels": ("Channels, with commas", "the default ones"),
}
_NARROW = ("statistic", "period", "needed", "periods")
ORDER = (
    "place", "name", "namespace", "metric", "dimensions", "statistic", "period", "operator",
    "threshold", "needed", "periods", "missing", "severity", "channels", "description",
)  # fmt: skip


def part(name: str, key: Any) -> dict[str, Any]:
    """Ids of the form: fields, buttons, what was said."""
    return {"page": PAGE, "part": name, "key": key}


def form(draft: Draft, reads: Reads) -> list[Component]:
    """Every field with its label, the parameters folded away, and the datalists of suggestions."""
    values = asdict(draft)
    return [
        html.Div([_field(name, values[name]) for name in ORDER], className="alarm-form"),
        html.Details(
            [
                html.Summary("Any kind of alarm: parameters as JSON or YAML"),
                dcc.Textarea(
                    id=part("field", "parameters"),
                    value=draft.parameters,
                    placeholder="as for PutMetricAlarm or PutCompositeAlarm; instead of the fields",
                    className="input",
                    rows=10,
                    spellCheck=False,
                ),
            ],
            open=bool(draft.parameters),
        ),
        *(_suggestions(name, found) for name, found in _known(reads).items()),
    ]


def places(reads: Reads) -> dict[str, Place]:
    """What can be written for a place: account by name or id, and Region."""
    names = dict(reads.accounts)
    named = {f"{names.get(p.account, p.account)}/{p.region}": p for p in reads.places}
    return {**named, **{str(place): place for place in reads.places}}


def shown_place(place: str, reads: Reads) -> str:
    """A place by the account's name, as people write it."""
    known = places(reads)
    return next((name for name, found in known.items() if str(found) == place), place)


def _field(name: str, value: str) -> Component:
    if name in _CHOICES:
        words, options = _CHOICES[name]
        choice = dcc.RadioItems(
            [{"value": key, "label": label} for key, label in options.items()],
            value,
            id=part("field", name),
            className="choices",
            inline=True,
        )
        return html.Div([html.Span(words), choice], className="wide")
    words, example = _TEXTS[name]
    field = dcc.Input(
        id=part("field", name),
        value=value,
        placeholder=example,
        list=_list_id(name),
        className="input",
        debounce=0.5,
        autoComplete="off",
        maxLength=1024,
    )
    return html.Label([html.Span(words), field], className="" if name in _NARROW else "wide")


def _list_id(name: str) -> str:
    return f"{PAGE}-known-{name}"


def _known(reads: Reads) -> dict[str, Sequence[str]]:
    services = list(reads.catalogue)
    return {
        "place": [name for name in places(reads) if not name[:1].isdigit()],
        "namespace": sorted({service.namespace for service in services}),
        "metric": sorted({metric.name for service in services for metric in service.metrics}),
        "statistic": STATISTICS,
        "channels": reads.channels,
    }


def _suggestions(name: str, found: Sequence[str]) -> Component:
    return html.Datalist([html.Option(value=each) for each in found], id=_list_id(name))
