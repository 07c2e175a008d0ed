"""Which form a text is in, and the way from it to alarms and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

from alerts.exchange import cloudformation, put_json, settings_yaml, terraform
from alerts.exchange.found import Found, Unreadable
from app.model.ids import Place
from app.query.lang import QueryError

_Write = Callable[[Sequence[Mapping[str, Any]], Place], str]
FORMS: Mapping[str, _Write] = {
    "json": lambda alarms, _: put_json.written(alarms),
    "cloudformation": lambda alarms, _: cloudformation.written(alarms),
    "terraform": lambda alarms, _: terraform.written(alarms),
    "config": settings_yaml.written,
}
"""Forms that can be written, by their name on the command line."""


def write_text(form: str, alarms: Sequence[Mapping[str, Any]], place: Place) -> str:
    """The alarms in one of the forms."""
    return FORMS[form](alarms, place)


def read_text(text: str, name: str, place: Place | None = None) -> Found:
    """The alarms of a text; Unreadable says why there are none.

    ``name`` is the file's: ``.tf`` is HCL, everything else is told by what it holds.
    ``place`` says what AWS::Region and AWS::AccountId stand for.
    """
    if name.endswith((".tf", ".hcl")):
        try:
            return _some(terraform.read(text), name)
        except QueryError as error:
            raise Unreadable(f"{name} cannot be read as Terraform: {error.drawn()}") from None
    value = _value(text, name)
    if cloudformation.fits(value):
        where = {"Region": place.region, "AccountId": place.account} if place else {}
        return _some(cloudformation.read(value, where), name)
    for form in (settings_yaml, put_json):
        if form.fits(value):
            return _some(form.read(value), name)
    if terraform.fits(value):
        return _some(terraform.read_json(value), name)
    raise Unreadable(
        f"{name} holds no alarms: it is neither parameters of PutMetricAlarm, an answer of "
        "DescribeAlarms, a CloudFormation template, Terraform, nor settings"
    )


def _value(text: str, name: str) -> Any:
    """JSON, which is read much faster as such, or YAML."""
    try:
        if text.lstrip().startswith(("{", "[")):
            return json.loads(text)
    except json.JSONDecodeError:
        pass  # YAML in its flow style begins the same way
    try:
        return cloudformation.load(text)
    except yaml.YAMLError as error:
        raise Unreadable(f"{name} is neither JSON nor YAML: {error}") from None


def _some(found: Found, name: str) -> Found:
    if not found.alarms:
        raise Unreadable(f"{name} holds no alarms")
    return found
