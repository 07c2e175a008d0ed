"""CloudFormation templates: ``AWS::CloudWatch::Alarm``, ``CompositeAlarm`` and ``LogAlarm``.

The properties have the names of the parameters. Reading follows ``Ref``, ``Fn::Sub``,
``Fn::Join`` and ``Fn::GetAtt`` as far as the template itself tells what they stand for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

from alerts.exchange.found import Found, Unresolved, settled
from app.model.alarm_parameters import Kind, kind_of, parameters

TYPES = {
    Kind.METRIC: "AWS::CloudWatch::Alarm",
    Kind.COMPOSITE: "AWS::CloudWatch::CompositeAlarm",
    Kind.LOG: "AWS::CloudWatch::LogAlarm",
}
_KNOWN = frozenset(TYPES.values())
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")


def written(alarms: Sequence[Mapping[str, Any]]) -> str:
    """A template, as YAML, with one resource for each alarm."""
    resources: dict[str, Any] = {}
    for alarm in alarms:
        name = _logical_id(str(alarm["AlarmName"]), resources)
        resources[name] = {"Type": TYPES[kind_of(alarm)], "Properties": parameters(alarm)}
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
    return yaml.safe_dump(template, sort_keys=False, allow_unicode=True, width=100)


def fits(value: Any) -> bool:
    """Whether a file is a template."""
    return isinstance(value, Mapping) and isinstance(value.get("Resources"), Mapping)


def load(text: str) -> Any:
    """The template with its short forms (``!Ref``) written out; JSON is YAML too."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 # _Loader is a SafeLoader


def read(template: Any, place: Mapping[str, str] | None = None) -> Found:
    """The alarms of a template; ``place`` gives AWS::Region and AWS::AccountId."""
    found = Found()
    values = _Values(template, place or {})
    for name, resource in template["Resources"].items():
        if not isinstance(resource, Mapping) or resource.get("Type") not in _KNOWN:
            continue
        properties = values.of(resource.get("Properties") or {})
        properties.setdefault("AlarmName", values.names[name])
        found.alarms.append(parameters(settled(properties, str(name), found.notes)))
    return found


class _Values:
    """What expressions of a template stand for, as far as it tells."""

    def __init__(self, template: Mapping[str, Any], place: Mapping[str, str]) -> None:
        self._known: dict[str, Any] = {f"AWS::{name}": value for name, value in place.items()}
        for name, parameter in (template.get("Parameters") or {}).items():
            if isinstance(parameter, Mapping) and "Default" in parameter:
                self._known[str(name)] = parameter["Default"]
        self.names: dict[str, Any] = {}
        for name, resource in template["Resources"].items():
            if isinstance(resource, Mapping) and resource.get("Type") in _KNOWN:
                given = self.of((resource.get("Properties") or {}).get("AlarmName", name))
                self.names[str(name)] = given if isinstance(given, str) else str(name)
        self._known |= self.names

    def of(self, value: Any) -> Any:
        """The value with all that is known put in."""
        if isinstance(value, list):
            return [self.of(each) for each in value]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            ((name, inner),) = value.items()
            if name in self._functions:
                return self._functions[name](self, inner)
            if name == "Condition" or str(name).startswith("Fn::"):
                return Unresolved(json.dumps(value, default=str))
        return {str(name): self.of(inner) for name, inner in value.items()}

    def _ref(self, name: Any) -> Any:
        return self._known.get(str(name), Unresolved(f"!Ref {name}"))

    def _get_att(self, path: Any) -> Any:
        name, _, attribute = (path if isinstance(path, str) else ".".join(path)).partition(".")
        if attribute == "Arn" and name in self.names and self._place_known():
            region, account = self._known["AWS::Region"], self._known["AWS::AccountId"]
            return f"arn:aws:cloudwatch:{region}:{account}:alarm:{self.names[name]}"
        return Unresolved(f"!GetAtt {name}.{attribute}")

    def _place_known(self) -> bool:
        return {"AWS::Region", "AWS::AccountId"} <= self._known.keys()

    def _sub(self, given: Any) -> Any:
        text, more = (given[0], self.of(given[1])) if isinstance(given, list) else (given, {})
        unknown: list[str] = []

        def put(match: re.Match[str]) -> str:
            name = match[1].strip()
            value = more.get(name, self._known.get(name))
            if value is None and "." in name:
                value = self._get_att(name)
            if value is None or isinstance(value, Unresolved):
                unknown.append(name)
            return str(value)

        made = _VARIABLE.sub(put, str(text)).replace("${!", "${")
        return Unresolved(f"!Sub {text}") if unknown else made

    def _join(self, given: Any) -> Any:
        parts = self.of(given[1])
        if not isinstance(parts, list) or any(isinstance(p, Unresolved) for p in parts):
            return Unresolved(f"!Join {given}")
        return str(given[0]).join(str(part) for part in parts)

    _functions: Mapping[str, Callable[[Any, Any], Any]] = {
        "Ref": _ref,
        "Fn::GetAtt": _get_att,
        "Fn::Sub": _sub,
        "Fn::Join": _join,
    }


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms; dates stay text."""


_Node = yaml.ScalarNode | yaml.SequenceNode | yaml.MappingNode


def _short(loader: _Loader, suffix: str, node: _Node) -> Any:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _short)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith("timestamp")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _logical_id(name: str, taken: Mapping[str, Any]) -> str:
    """A name of letters and digits that no other resource has."""
    words = re.findall(r"[A-Za-z0-9]+", name)
    made = "".join(word[:1].upper() + word[1:] for word in words)[:200] or "Alarm"
    if not made[0].isalpha():
        made = f"Alarm{made}"
    number, free = 2, made
    while free in taken:
        free, number = f"{made}{number}", number + 1
    return free
