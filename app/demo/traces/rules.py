"""What X-Ray is set to in the pretend accounts: groups, sampling rules, insights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from app.demo.call import Call
from app.demo.telemetry.fields import Request, text
from app.demo.world.platform import hex_id

Json = dict[str, Any]
_MADE = 1_770_000_000.0
_PER_MINUTE = {"Default": 780, "posts": 230, "health": 6}


def groups(call: Call, _request: Request, _now: datetime) -> Json:
    """GetGroups: the default one, and two of our own."""
    own = {"Default": None, "slow-posts": 'service("posts-api") AND responsetime > 1',
           "faults": "fault = true"}  # fmt: skip
    return {
        "Groups": [
            {
                "GroupName": name,
                "GroupARN": _arn(call, f"group/{name}/{hex_id(name).upper()}"),
                "InsightsConfiguration": {
                    "InsightsEnabled": name == "faults",
                    "NotificationsEnabled": False,
                },
                **({"FilterExpression": expression} if expression else {}),
            }
            for name, expression in own.items()
        ]
    }


def sampling_rules(call: Call, _request: Request, _now: datetime) -> Json:
    """GetSamplingRules: the one for everything last."""
    return {
        "SamplingRuleRecords": [
            _rule(call, "health", 10, 0.0, ("*", "/health")),
            _rule(call, "posts", 100, 0.04, ("posts-api", "*")),
            _rule(call, "Default", 10_000, 0.04, ("*", "*")),
        ]
    }


def statistics(_call: Call, _request: Request, now: datetime) -> Json:
    """GetSamplingStatisticSummaries: what each rule saw and kept in the last minute."""
    stamp = now.timestamp() // 60 * 60
    return {
        "SamplingStatisticSummaries": [
            {
                "RuleName": name,
                "Timestamp": stamp,
                "RequestCount": count,
                "BorrowCount": 0,
                "SampledCount": 0 if name == "health" else max(1, count // 25),
            }
            for name, count in _PER_MINUTE.items()
        ]
    }


def insights(call: Call, request: Request, now: datetime) -> Json:
    """GetInsightSummaries: one that is closed, of the group with insights."""
    if "faults" not in text(request.get("GroupName")) + text(request.get("GroupARN")):
        return {"InsightSummaries": []}
    end = now.timestamp() // 86_400 * 86_400 - 7_200
    root = {"Name": "posts-api", "Names": ["posts-api"], "AccountId": call.account,
            "Type": "AWS::Lambda::Function"}  # fmt: skip
    impact = {"FaultCount": 412, "OkCount": 5_120, "TotalCount": 5_532}
    return {
        "InsightSummaries": [
            {
                "InsightId": "7b0f6d4e-2c41-4d3c-9a55-0c6f1f3a9d10",
                "GroupName": "faults",
                "GroupARN": _arn(call, f"group/faults/{hex_id('faults').upper()}"),
                "RootCauseServiceId": root,
                "Categories": ["FAULT"],
                "State": "CLOSED",
                "StartTime": end - 2_400,
                "EndTime": end,
                "Summary": "Faults of posts-api were 7 % of 5,532 requests.",
                "ClientRequestImpactStatistics": impact,
                "RootCauseServiceRequestImpactStatistics": impact,
                "TopAnomalousServices": [{"ServiceId": root}],
                "LastUpdateTime": end + 60,
            }
        ]
    }


def destination(_call: Call, _request: Request, _now: datetime) -> Json:
    """GetTraceSegmentDestination: X-Ray itself, not Transaction Search."""
    return {"Destination": "XRay", "Status": "ACTIVE"}


def indexing_rules(_call: Call, _request: Request, _now: datetime) -> Json:
    """GetIndexingRules."""
    share = {"DesiredSamplingPercentage": 1.0, "ActualSamplingPercentage": 1.0}
    return {
        "IndexingRules": [
            {"Name": "Default", "ModifiedAt": _MADE, "Rule": {"Probabilistic": share}}
        ]
    }


def encryption(_call: Call, _request: Request, _now: datetime) -> Json:
    """GetEncryptionConfig."""
    return {"EncryptionConfig": {"Type": "NONE", "Status": "ACTIVE"}}


ANSWERS: Mapping[str, Callable[[Call, Request, datetime], Json]] = {
    "GetGroups": groups,
    "GetSamplingRules": sampling_rules,
    "GetSamplingStatisticSummaries": statistics,
    "GetInsightSummaries": insights,
    "GetTraceSegmentDestination": destination,
    "GetIndexingRules": indexing_rules,
    "GetEncryptionConfig": encryption,
}


def _rule(call: Call, name: str, priority: int, rate: float, only: tuple[str, str]) -> Json:
    """``only`` are the service and the path that it is for."""
    return {
        "SamplingRule": {
            "RuleName": name,
            "RuleARN": _arn(call, f"sampling-rule/{name}"),
            "ResourceARN": "*",
            "Priority": priority,
            "FixedRate": rate,
            "ReservoirSize": 1 if rate else 0,
            "ServiceName": only[0],
            "ServiceType": "*",
            "Host": "*",
            "HTTPMethod": "*",
            "URLPath": only[1],
            "Version": 1,
            "Attributes": {},
        },
        "CreatedAt": _MADE,
        "ModifiedAt": _MADE,
    }


def _arn(call: Call, rest: str) -> str:
    return f"arn:aws:xray:{call.place.region}:{call.account}:{rest}"
