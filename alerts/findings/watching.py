"""Alarms of the account that look more often than once a minute, which is charged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from alerts.findings.base import Outcome, Rule, cost_check
from alerts.findings.facts import Cost, Facts
from app.model.account_alarms import AccountAlarm
from app.model.errors import CouldNotLook
from app.model.findings import FindingStatus

_ALARMS, _CLOUDWATCH = "alarms", "AmazonCloudWatch"
_A_MINUTE = 60


def _high_resolution(facts: Facts) -> Iterator[Outcome]:
    """An alarm with a period of 10, 20 or 30 seconds costs three times as much."""
    alarms = [a for a in facts.books.store.account_alarms.find() if a.place == facts.place]
    if not alarms and not facts.was_asked(_ALARMS, _ALARMS):
        raise CouldNotLook("the alarms of the account are not read; name some in collection.alarms")
    if not alarms:
        facts.require_round(_ALARMS, _ALARMS)
    for alarm in alarms:
        fast = [period for period in _periods(alarm.put) if period < _A_MINUTE]
        if not fast:
            yield _outcome(alarm, FindingStatus.OK)
            continue
        now = facts.cost("CW:HighResAlarmMonitorUsage", len(fast), "fast alarm", _CLOUDWATCH)
        then = facts.cost("CW:AlarmMonitorUsage", len(fast), "alarm", _CLOUDWATCH)
        saved = None if now.usd is None or then.usd is None else now.usd - then.usd
        evidence = {"period (s)": min(fast), "metrics": len(fast)}
        yield _outcome(
            alarm, FindingStatus.ALARM, f"looks every {min(fast)} seconds", evidence,
            Cost(saved, (*now.prices, *then.prices)),
        )  # fmt: skip


def _periods(put: Mapping[str, Any]) -> list[int]:
    """The period of each metric of an alarm."""
    stats = [each["MetricStat"] for each in put.get("Metrics") or () if "MetricStat" in each]
    own = [put["Period"]] if put.get("Period") else []
    return [int(each["Period"]) for each in stats] or [int(each) for each in own]


def _outcome(
    alarm: AccountAlarm,
    status: FindingStatus,
    reason: str = "",
    evidence: Mapping[str, Any] | None = None,
    cost: Cost | None = None,
) -> Outcome:
    place = alarm.place
    arn = f"arn:aws:cloudwatch:{place.region}:{place.account}:alarm:{alarm.name}"
    return Outcome(arn, alarm.name, status, reason, evidence or {}, cost or Cost())


RULES = (
    Rule(
        cost_check(
            "CW-10",
            "Alarm that looks more often than once a minute",
            "low",
            "Give it a period of 60 seconds, unless a minute is too late.",
        ),
        _high_resolution,
    ),
)
