"""Publishes to an SNS topic what CloudWatch itself would publish.

Subject and body have CloudWatch's form, so functions and tools that read alarm
messages from a topic need no change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from alerts.channel import Message, Publish, Rate
from alerts.links import alarm_arn
from alerts.message import Notice, stamp
from alerts.regions import region_name
from alerts.verdict.rule import period_of
from app.config import SnsSettings
from app.model.alarms import AlarmKind
from app.model.errors import (
    AwsError,
    BadRequest,
    Denied,
    NotEnabled,
    NotifyFailed,
    RegionOff,
)

LONGEST_SUBJECT = 100
_NOT_ASCII = re.compile(r"[^\x20-\x7e]+")
_CAPITALS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_REFUSED = (BadRequest, Denied, NotEnabled, RegionOff)

_RATE = Rate(burst=30, spacing=timedelta(milliseconds=50))


def make(name: str, settings: SnsSettings, publish: Publish) -> Sns:
    """A channel that publishes with the credentials of ``settings.account``."""
    return Sns(name, settings.topic_arn, settings.account, publish)


@dataclass(frozen=True, slots=True)
class Sns:
    """One publication for each transition."""

    name: str
    topic_arn: str
    account: str
    publish: Publish
    rate: Rate = _RATE
    together: int = 1

    def render(self, notices: Sequence[Notice]) -> Message:
        (notice,) = notices
        if notice.letter is not None:
            title = _NOT_ASCII.sub("-", notice.letter.title)
            return {"subject": title[:LONGEST_SUBJECT], "message": notice.letter.text}
        return {"subject": subject(notice), "message": body(notice)}

    def send(self, message: Message) -> None:
        told = message["message"]
        text = told if isinstance(told, str) else orjson.dumps(told).decode()
        try:
            self.publish(self.account, self.topic_arn, message["subject"], text)
        except AwsError as error:
            raise NotifyFailed(error.message, permanent=isinstance(error, _REFUSED)) from error


def subject(notice: Notice) -> str:
    """``ALARM: "name" in EU (Frankfurt)``, at most 100 characters, plain ASCII."""
    alarm = notice.definition
    name = _NOT_ASCII.sub("_", alarm.name)
    head, tail = f'{notice.state}: "', f'" in {region_name(alarm.place.region)}'
    room = LONGEST_SUBJECT - len(head) - len(tail)
    short = name if len(name) <= room else f"{name[: room - 3]}..."
    return f"{head}{short}{tail}"


def body(notice: Notice) -> dict[str, Any]:
    """CloudWatch's message, keys in the order that CloudWatch writes them."""
    change, alarm = notice.transition, notice.definition
    put = alarm.put
    updated = {"AlarmConfigurationUpdatedTimestamp": put.get("AlarmConfigurationUpdatedTimestamp")}
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": put.get("AlarmDescription"),
        "AWSAccountId": alarm.place.account,
        **({} if alarm.kind is AlarmKind.COMPOSITE else updated),
        "NewStateValue": str(change.new),
        "NewStateReason": change.reason,
        "StateChangeTime": stamp(change.at),
        "Region": region_name(alarm.place.region),
        "AlarmArn": alarm_arn(alarm),
        "OldStateValue": str(change.old),
        "ActionExecutedAfterMuteWindow": notice.after_mute,
        "OKActions": list(put.get("OKActions") or ()),
        "AlarmActions": list(put.get("AlarmActions") or ()),
        "InsufficientDataActions": list(put.get("InsufficientDataActions") or ()),
        **_contributor(notice),
        **_cause(notice),
    }


def _contributor(notice: Notice) -> dict[str, Any]:
    change = notice.transition
    if not change.contributor:
        return {}
    return {
        "AlarmContributorId": change.contributor,
        "AlarmContributorAttributes": dict(change.attributes),
    }


def _cause(notice: Notice) -> dict[str, Any]:
    """What the alarm looks at: a trigger, the rule with the children that decided, or a query."""
    put = notice.definition.put
    if notice.definition.kind is AlarmKind.COMPOSITE:
        children = notice.transition.reason_data.get("triggeringAlarms") or ()
        return {"AlarmRule": put["AlarmRule"], "TriggeringChildren": [_child(c) for c in children]}
    if notice.definition.kind is AlarmKind.LOG:
        query = put["ScheduledQueryConfiguration"]
        return {
            "LogGroups": list(query.get("LogGroupIdentifiers") or ()),
            "QueryString": query.get("QueryString"),
            "AggregationExpression": query.get("AggregationExpression"),
        }
    return {"Trigger": _trigger(put)}


def _child(child: Mapping[str, Any]) -> dict[str, Any]:
    state = child["state"]
    return {
        "Arn": child["arn"],
        "State": {"Value": state["value"], "Timestamp": state["timestamp"]},
    }


def _trigger(put: Mapping[str, Any]) -> dict[str, Any]:
    trigger: dict[str, Any] = {} if put.get("Metrics") else _metric(put)
    trigger |= {"Period": period_of(put), "EvaluationPeriods": put.get("EvaluationPeriods")}
    if put.get("DatapointsToAlarm"):
        trigger["DatapointsToAlarm"] = put["DatapointsToAlarm"]
    trigger["ComparisonOperator"] = put.get("ComparisonOperator")
    threshold = "ThresholdMetricId" if put.get("ThresholdMetricId") else "Threshold"
    trigger |= {
        threshold: put.get(threshold),
        "TreatMissingData": put.get("TreatMissingData") or "",
        "EvaluateLowSampleCountPercentile": put.get("EvaluateLowSampleCountPercentile") or "",
    }
    if put.get("Metrics"):
        trigger["Metrics"] = [_query(query) for query in put["Metrics"]]
    return trigger


def _metric(put: Mapping[str, Any]) -> dict[str, Any]:
    kind = "ExtendedStatistic" if put.get("ExtendedStatistic") else "Statistic"
    written = str(put.get(kind) or "")
    return {
        "MetricName": put.get("MetricName"),
        "Namespace": put.get("Namespace"),
        "StatisticType": kind,
        kind: written if kind == "ExtendedStatistic" else _CAPITALS.sub("_", written).upper(),
        "Unit": put.get("Unit"),
        "Dimensions": _dimensions(put),
    }


def _query(query: Mapping[str, Any]) -> dict[str, Any]:
    """A MetricDataQuery with its dimensions in the message's spelling."""
    if "MetricStat" not in query:
        return dict(query)
    stat = query["MetricStat"]
    metric = {**stat["Metric"], "Dimensions": _dimensions(stat["Metric"])}
    return {**query, "MetricStat": {**stat, "Metric": metric}}


def _dimensions(metric: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"value": d["Value"], "name": d["Name"]} for d in metric.get("Dimensions") or ()]
