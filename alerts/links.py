"""Addresses that a message points to: the alarm's page here, its metric in the console."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from alerts.regions import console, partition
from app.model.alarms import AlarmDefinition


def alarm_page(alarm: str, public_url: str | None) -> str:
    """The alarm's page, empty where nobody said under which address the pages are reached."""
    return f"{public_url.rstrip('/')}/alarm/{quote(alarm, safe='/')}" if public_url else ""


def page_of(path: str, public_url: str | None) -> str:
    """Another page, under the same address."""
    return f"{public_url.rstrip('/')}/{path}" if public_url else ""


def alarm_arn(definition: AlarmDefinition) -> str:
    """The ARN that the alarm would have in CloudWatch."""
    place = definition.place
    head = f"arn:{partition(place.region)}:cloudwatch:{place.region}:{place.account}"
    return f"{head}:alarm:{definition.name}"


def metric_in_console(definition: AlarmDefinition) -> str:
    """The console's graph of the alarm's metric, empty for alarms without a single one."""
    put, region = definition.put, definition.place.region
    if not put.get("MetricName"):
        return ""
    dimensions = [text for d in put.get("Dimensions") or () for text in (d["Name"], d["Value"])]
    graph = {
        "metrics": [[put.get("Namespace", ""), put["MetricName"], *dimensions]],
        "region": region,
        "stat": put.get("Statistic") or put.get("ExtendedStatistic") or "Average",
        "period": put.get("Period", 60),
        "view": "timeSeries",
    }
    home = f"https://{console(region)}/cloudwatch/home?region={region}"
    return f"{home}#metricsV2:graph=~{_written(graph)}"


def _written(value: Any) -> str:
    """A value as the console writes it in its addresses: ``(key~value~list~(~'a~1))``."""
    if isinstance(value, Mapping):
        return f"({'~'.join(f'{key}~{_written(each)}' for key, each in value.items())})"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"({''.join(f'~{_written(each)}' for each in value)})"
    return f"'{_escaped(value)}" if isinstance(value, str) else str(value)


def _escaped(text: str) -> str:
    return "".join(
        each if each.isascii() and (each.isalnum() or each in "_-.") else _code(each)
        for each in text
    )


def _code(each: str) -> str:
    return f"*{ord(each):02x}" if ord(each) < 256 else f"**{ord(each):04x}"
