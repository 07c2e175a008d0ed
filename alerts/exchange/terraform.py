"""Terraform: ``aws_cloudwatch_metric_alarm`` and ``aws_cloudwatch_composite_alarm``.

Reads HCL, its JSON form (``.tf.json``), and what ``terraform show -json`` prints, where
every variable has its value. Terraform takes ReturnData for false where it is not written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from alerts.exchange.found import Found, Unresolved, settled
from alerts.exchange.hcl import Block, Reference, Template, parse, quoted
from app.model.alarm_parameters import Kind, kind_of, parameters

TYPES = {
    Kind.METRIC: "aws_cloudwatch_metric_alarm",
    Kind.COMPOSITE: "aws_cloudwatch_composite_alarm",
}
_KINDS = {name: kind for kind, name in TYPES.items()}
_NAMES = {
    "AlarmName": "alarm_name", "AlarmDescription": "alarm_description",
    "ActionsEnabled": "actions_enabled", "AlarmActions": "alarm_actions",
    "OKActions": "ok_actions", "InsufficientDataActions": "insufficient_data_actions",
    "AlarmRule": "alarm_rule", "Namespace": "namespace", "MetricName": "metric_name",
    "Statistic": "statistic", "ExtendedStatistic": "extended_statistic", "Period": "period",
    "Unit": "unit", "EvaluationPeriods": "evaluation_periods",
    "DatapointsToAlarm": "datapoints_to_alarm", "Threshold": "threshold",
    "ThresholdMetricId": "threshold_metric_id", "ComparisonOperator": "comparison_operator",
    "TreatMissingData": "treat_missing_data",
    "EvaluateLowSampleCountPercentile": "evaluate_low_sample_count_percentiles",
}  # fmt: skip
_QUERY = {
    "Id": "id", "AccountId": "account_id", "Expression": "expression", "Label": "label",
    "Period": "period", "ReturnData": "return_data",
}  # fmt: skip
_METRIC = {"MetricName": "metric_name", "Namespace": "namespace"}
_STAT = {"Period": "period", "Stat": "stat", "Unit": "unit"}
_SUPPRESSOR = {
    "ActionsSuppressor": "alarm", "ActionsSuppressorExtensionPeriod": "extension_period",
    "ActionsSuppressorWaitPeriod": "wait_period",
}  # fmt: skip
_WRITTEN = {*_NAMES, *_SUPPRESSOR, "Dimensions", "Metrics", "Tags"}
_INDENT = "  "


def written(alarms: Sequence[Mapping[str, Any]]) -> str:
    """One resource for each alarm; what Terraform has no argument for stands in a comment."""
    labels: set[str] = set()
    return "\n".join(_resource(alarm, _label(str(alarm["AlarmName"]), labels)) for alarm in alarms)


def read(text: str) -> Found:
    """The alarms of a file of HCL."""
    tree = parse(text)
    resources = [block for block in tree.all("resource") if block.labels[:1] in _TYPES]
    known = _known(tree, resources)
    found = Found()
    for block in resources:
        plain = _plain(block, known)
        where = ".".join(block.labels)
        found.alarms.append(_alarm(block.labels[0], settled(plain, where, found.notes)))
    return found


def fits(value: Any) -> bool:
    """Whether a JSON file is Terraform's: configuration, or what ``show -json`` prints."""
    return isinstance(value, Mapping) and bool(
        {"resource", "planned_values", "values"} & value.keys()
    )


def read_json(value: Mapping[str, Any]) -> Found:
    """The alarms of such a file."""
    found = Found()
    for kind, name, arguments in (*_shown(value), *_configured(value)):
        plain = settled(arguments, f"{kind}.{name}", found.notes)
        found.alarms.append(_alarm(kind, plain))
    return found


def _resource(alarm: Mapping[str, Any], label: str) -> str:
    made, kind = parameters(alarm), kind_of(alarm)
    if kind not in TYPES:
        return f"# {quoted(str(alarm['AlarmName']))} is left out: no resource for {kind}\n"
    lines = [f"resource {quoted(TYPES[kind])} {quoted(label)} {{"]
    lines += _arguments(made, _NAMES, 1)
    if "Dimensions" in made:
        lines += _map("dimensions", {d["Name"]: d["Value"] for d in made["Dimensions"]}, 1)
    for query in made.get("Metrics") or ():
        lines += _query_block(query)
    if "ActionsSuppressor" in made:
        lines += _nested("actions_suppressor", _arguments(made, _SUPPRESSOR, 2), 1)
    if "Tags" in made:
        lines += _map("tags", {tag["Key"]: tag["Value"] for tag in made["Tags"]}, 1)
    lines += [f"{_INDENT}# not written, Terraform has no argument for it: {name}"
              for name in made if name not in _WRITTEN]  # fmt: skip
    return "\n".join([*lines, "}", ""])


def _query_block(query: Mapping[str, Any]) -> list[str]:
    inner = _arguments(query, _QUERY, 2)
    stat = query.get("MetricStat")
    if stat:
        metric = stat["Metric"]
        deep = [*_arguments(metric, _METRIC, 3), *_arguments(stat, _STAT, 3)]
        if metric.get("Dimensions"):
            pairs = {d["Name"]: d["Value"] for d in metric["Dimensions"]}
            deep += _map("dimensions", pairs, 3)
        inner += _nested("metric", deep, 2)
    return _nested("metric_query", inner, 1)


def _nested(name: str, inner: Sequence[str], depth: int) -> list[str]:
    return [f"{_INDENT * depth}{name} {{", *inner, f"{_INDENT * depth}}}"]


def _arguments(made: Mapping[str, Any], names: Mapping[str, str], depth: int) -> list[str]:
    return [
        f"{_INDENT * depth}{argument} = {_literal(made[name])}"
        for name, argument in names.items()
        if name in made
    ]


def _map(name: str, pairs: Mapping[str, Any], depth: int) -> list[str]:
    inner = [f"{_INDENT * (depth + 1)}{quoted(k)} = {quoted(str(v))}" for k, v in pairs.items()]
    return [f"{_INDENT * depth}{name} = {{", *inner, f"{_INDENT * depth}}}"]


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return json.dumps(value)


def _label(name: str, taken: set[str]) -> str:
    made = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_").lower() or "alarm"
    made = made if made[0].isalpha() else f"alarm_{made}"
    number, free = 2, made
    while free in taken:
        free, number = f"{made}_{number}", number + 1
    taken.add(free)
    return free


_TYPES = tuple((name,) for name in _KINDS)


def _known(tree: Block, resources: Sequence[Block]) -> dict[str, Any]:
    """What references stand for: defaults of variables, locals, names of other alarms."""
    known: dict[str, Any] = {}
    for variable in tree.all("variable"):
        if variable.labels and "default" in variable.values:
            known[f"var.{variable.labels[0]}"] = variable.values["default"]
    for block in tree.all("locals"):
        known |= {f"local.{name}": value for name, value in block.values.items()}
    for block in resources:
        kind, name = block.labels[:2]
        for attribute in ("alarm_name", "id", "arn"):
            known[f"{kind}.{name}.{attribute}"] = block.values.get("alarm_name", name)
    return known


def _plain(block: Block, known: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes and inner blocks with references put in; a kind of block is a list of them."""
    plain = {name: _value(value, known) for name, value in block.values.items()}
    for inner in block.blocks:
        plain.setdefault(inner.kind, []).append(_plain(inner, known))
    return plain


def _value(value: Any, known: Mapping[str, Any], depth: int = 20) -> Any:
    if isinstance(value, Reference):
        if value.path not in known or not depth:
            return Unresolved(value.path)
        return _value(known[value.path], known, depth - 1)
    if isinstance(value, Template):
        parts = [_value(part, known, depth) for part in value.parts]
        if any(isinstance(part, Unresolved) for part in parts):
            return Unresolved(value.text)
        return "".join(map(_as_text, parts))
    if isinstance(value, list):
        return [_value(each, known, depth) for each in value]
    if isinstance(value, Mapping):
        return {name: _value(each, known, depth) for name, each in value.items()}
    return value


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _alarm(kind: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    made = _taken(arguments, _NAMES)
    if arguments.get("dimensions"):
        made["Dimensions"] = _pairs(arguments["dimensions"], "Name")
    queries = _several(arguments.get("metric_query"))
    if queries:
        made["Metrics"] = [_query(query) for query in queries]
    for suppressor in _several(arguments.get("actions_suppressor")):
        made |= _taken(suppressor, _SUPPRESSOR)
    if arguments.get("tags"):
        made["Tags"] = _pairs(arguments["tags"], "Key")
    for name in ("Threshold",):
        if isinstance(made.get(name), str):
            made[name] = float(made[name])
    return parameters(made)


def _query(arguments: Mapping[str, Any]) -> dict[str, Any]:
    made = {"ReturnData": False, **_taken(arguments, _QUERY)}
    for metric in _several(arguments.get("metric")):
        inner: dict[str, Any] = _taken(metric, _METRIC)
        if metric.get("dimensions"):
            inner["Dimensions"] = _pairs(metric["dimensions"], "Name")
        made["MetricStat"] = {"Metric": inner, **_taken(metric, _STAT)}
    return made


def _taken(arguments: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: arguments[argument]
        for name, argument in names.items()
        if arguments.get(argument) is not None and arguments[argument] != ""
    }


def _pairs(found: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    return [{key: name, "Value": value} for name, value in found.items()]


def _several(blocks: Any) -> list[Mapping[str, Any]]:
    """Inner blocks, which JSON may write as one object."""
    return [blocks] if isinstance(blocks, Mapping) else list(blocks or ())


def _configured(value: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Resources of ``.tf.json``; strings with ``${`` are references."""
    for kind in _KINDS:
        for name, arguments in (_one(value.get("resource")).get(kind) or {}).items():
            for each in _several(arguments):
                yield kind, name, _marked({"alarm_name": name, **each})


def _one(found: Any) -> Mapping[str, Any]:
    """Terraform lets a section be a list of objects too."""
    if isinstance(found, list):
        return {name: inner for each in found for name, inner in each.items()}
    return found or {}


def _marked(value: Any) -> Any:
    if isinstance(value, str) and re.search(r"(?<!\$)\$\{", value):
        return Unresolved(value)
    if isinstance(value, str):
        return value.replace("$${", "${").replace("%%{", "%{")
    if isinstance(value, list):
        return [_marked(each) for each in value]
    if isinstance(value, Mapping):
        return {name: _marked(each) for name, each in value.items()}
    return value


def _shown(value: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Resources of ``terraform show -json``, those of modules too."""
    root = _one(value.get("planned_values") or value.get("values"))
    waiting = [root.get("root_module") or {}]
    while waiting:
        module = waiting.pop()
        waiting += module.get("child_modules") or ()
        for resource in module.get("resources") or ():
            if resource.get("type") in _KINDS:
                yield resource["type"], resource.get("address", ""), resource.get("values") or {}
