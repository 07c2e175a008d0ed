"""The IAM documents that Watchdeck needs, made from the actions it uses.

A managed policy holds 6,144 characters without white space ("IAM and AWS STS
quotas"), so a long list becomes several documents. Nothing here allows a write,
except publishing to topics that were named.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

MAX_CHARACTERS = 6_144
METRIC_ACTIONS = frozenset({"cloudwatch:GetMetricData", "cloudwatch:ListMetrics"})
ALARM_ACTIONS = frozenset({"cloudwatch:DescribeAlarms"})
LOG_ACTIONS = frozenset(
    {
        "logs:DescribeLogGroups",
        "logs:DescribeMetricFilters",
        "logs:DescribeSubscriptionFilters",
        "logs:FilterLogEvents",
        "logs:ListTagsForResource",
    }
)
TRACE_ACTIONS = frozenset(
    {
        "xray:BatchGetTraces",
        "xray:GetGroups",
        "xray:GetIndexingRules",
        "xray:GetInsightSummaries",
        "xray:GetSamplingRules",
        "xray:GetSamplingStatisticSummaries",
        "xray:GetTraceSegmentDestination",
        "xray:GetTraceSummaries",
    }
)

SPEND_ACTIONS: Mapping[str, frozenset[str]] = {
    "costs": frozenset({"ce:GetCostAndUsage"}),
    "forecast": frozenset({"ce:GetCostForecast"}),
    "anomalies": frozenset({"ce:GetAnomalies"}),
    "commitments": frozenset(
        {
            "ce:GetReservationCoverage",
            "ce:GetReservationUtilization",
            "ce:GetSavingsPlansCoverage",
            "ce:GetSavingsPlansUtilization",
        }
    ),
    "budgets": frozenset({"budgets:ViewBudget"}),
    "free_tier": frozenset({"freetier:GetAccountPlanState", "freetier:GetFreeTierUsage"}),
    "recommendations": frozenset(
        {
            "cost-optimization-hub:ListEnrollmentStatuses",
            "cost-optimization-hub:ListRecommendations",
        }
    ),
    "estimated_charges": METRIC_ACTIONS,
    "prices": frozenset({"pricing:GetProducts"}),
    "rightsizing": frozenset({"ce:GetRightsizingRecommendation"}),
}
"""By what is read about spend."""

Statement = dict[str, Any]
Document = dict[str, Any]

_APIGATEWAY = ("restapis", "restapis/*", "apis", "apis/*", "usageplans", "domainnames", "account")
"""What of API Gateway's one action is read; API keys are left out on purpose."""


def policy_document(
    actions: Iterable[str],
    *,
    publish_topics: Sequence[str] = (),
    assume_roles: Sequence[str] = (),
    buckets: Sequence[str] = (),
    read_buckets: Sequence[str] = (),
    partition: str = "aws",
    max_characters: int = MAX_CHARACTERS,
) -> list[Document]:
    """Documents that together allow exactly ``actions``, and what is named beside them.

    ``publish_topics`` are ARNs of notification topics, ``read_buckets`` hold files of
    log events or bills (``s3://name/prefix``); ``assume_roles`` are ARNs of reader roles,
    ``buckets`` those of the store; both are for the identity that Watchdeck itself runs as.
    """
    statements = list(_reads(sorted(set(actions)), partition))
    if publish_topics:
        statements.append(_statement("Notify", ["sns:Publish"], sorted(publish_topics)))
    if assume_roles:
        statements.append(_statement("AssumeReaders", ["sts:AssumeRole"], sorted(assume_roles)))
    for number, bucket in enumerate(read_buckets, 1):
        statements += _files(bucket, partition, number)
    for bucket in buckets:
        statements += _store(bucket, partition)
    return list(_documents(statements, max_characters))


def trust_policy(principal: str, external_id: str | None = None) -> Document:
    """Who may assume the reader role: ``principal`` (an ARN), knowing the external id."""
    statement: Statement = {
        "Sid": "Watchdeck",
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
    }
    if external_id is not None:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    return {"Version": "2012-10-17", "Statement": [statement]}


def characters(document: Document) -> int:
    """The size that IAM counts: without white space."""
    return len(json.dumps(document, separators=(",", ":")))


def _reads(actions: Sequence[str], partition: str) -> Iterator[Statement]:
    gateway = [action for action in actions if action.startswith("apigateway:")]
    others = [action for action in actions if not action.startswith("apigateway:")]
    if others:
        # Nearly all actions that list or describe accept no other resource than "*".
        yield _statement("Read", others, "*")
    if gateway:
        arns = [f"arn:{partition}:apigateway:*::/{path}" for path in _APIGATEWAY]
        yield _statement("ReadApiGateway", gateway, arns)


def _store(bucket: str, partition: str) -> list[Statement]:
    """Reading and writing segments below the prefix of a bucket, and listing them."""
    name, _, prefix = bucket.removeprefix("s3://").partition("/")
    below = f"{prefix.strip('/')}/*".removeprefix("/")
    arn = f"arn:{partition}:s3:::{name}"
    return [
        _statement("ListSegments", ["s3:ListBucket"], arn),
        _statement(
            "Segments", ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], f"{arn}/{below}"
        ),
    ]


def _files(bucket: str, partition: str, number: int) -> list[Statement]:
    """Reading what lies below the prefix of a bucket, and listing it."""
    name, _, prefix = bucket.removeprefix("s3://").partition("/")
    arn = f"arn:{partition}:s3:::{name}"
    return [
        _statement(f"ListFiles{number}", ["s3:ListBucket"], arn),
        _statement(f"Files{number}", ["s3:GetObject"], f"{arn}/{prefix}*"),
    ]


def _documents(statements: Sequence[Statement], most: int) -> Iterator[Document]:
    """Statements in order, cut between actions where a document would grow too long."""
    current: list[Statement] = []
    for statement in statements:
        rest = statement
        while True:
            fitting, rest = _split(current, rest, most)
            if fitting["Action"]:
                current.append(fitting)
            if not rest["Action"]:
                break
            yield _document(current)
            current = []
    if current:
        yield _document(current)


def _split(
    before: Sequence[Statement], statement: Statement, most: int
) -> tuple[Statement, Statement]:
    """The part of ``statement`` that still fits behind ``before``, and the rest of it."""
    actions: list[str] = statement["Action"]
    count = len(actions)
    while (
        count and characters(_document([*before, statement | {"Action": actions[:count]}])) > most
    ):
        count -= 1
    if not count and not before:
        raise ValueError(f"one action with its resources is longer than {most} characters")
    return statement | {"Action": actions[:count]}, statement | {"Action": actions[count:]}


def _document(statements: Sequence[Statement]) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _statement(sid: str, actions: list[str], resource: str | list[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}
