"""ECS services with far too much processor, and load balancers that nobody asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts.findings.base import NO_AMOUNT, Outcome, Rule, cost_check, fine, found, skipped
from alerts.findings.facts import HOURS_A_MONTH, NO_COST, Facts

_BUSY = 10.0
_WEEK = timedelta(days=7)
_INSIGHTS = "ECS/ContainerInsights"


def _large(facts: Facts) -> Iterator[Outcome]:
    services = facts.listed("ecs", "service")
    cpu = facts.use(services, "CPUUtilization", "Average")
    for row, service in enumerate(services):
        if cpu.known(row) < 0.9:
            yield skipped(service, "there is no full week of metrics")
        elif cpu.highest(row) < _BUSY:
            highest = cpu.highest(row)
            evidence = {"worst hour of CPU (%)": round(highest, 2)}
            reason = f"used {highest:.1f} % of its processors in the worst hour of 7 days"
            yield found(service, reason, evidence)
        else:
            yield fine(service)


def _idle(facts: Facts) -> Iterator[Outcome]:
    """A load balancer is billed by the hour; one without requests does nothing."""
    balancers = facts.listed("alb", "load-balancer")
    requests = facts.use(balancers, "RequestCount")
    for row, balancer in enumerate(balancers):
        created = str(balancer.configuration.get("CreatedTime") or "")
        if not created or facts.now - datetime.fromisoformat(created) < _WEEK:
            yield skipped(balancer, "it is younger than 7 days")
        elif requests.total(row) == 0:
            cost = facts.cost("LoadBalancerUsage", HOURS_A_MONTH, "load balancer by the hour")
            yield found(balancer, "no request for 7 days", {"requests": 0}, cost)
        else:
            yield fine(balancer)


def _insights(facts: Facts) -> Iterator[Outcome]:
    """Container Insights is billed as custom metrics, and for the events that they come from."""
    clusters = facts.listed("ecs", "cluster")
    frame = facts.books.store.series.find(places=[facts.place], namespace=_INSIGHTS)
    keys = facts.books.store.series.keys(frame["series"].to_list())
    metrics = Counter(dict(key.dimensions).get("ClusterName", "") for key in keys)
    for cluster in clusters:
        setting = str(cluster.configuration.get("containerInsights") or "disabled")
        if setting == "disabled":
            yield fine(cluster)
            continue
        number = metrics[cluster.dimensions.get("ClusterName", "")]
        evidence = {"containerInsights": setting, "metrics known here": number}
        if number:
            evidence["the amount is for"] = "these metrics at the first tier, without their events"
            cost = facts.cost("CW:MetricMonitorUsage", number, "custom metric", "AmazonCloudWatch")
        else:
            evidence[NO_AMOUNT] = "no metric of it is known here"
            cost = NO_COST
        yield found(cluster, "Container Insights is on, which is charged", evidence, cost)


RULES = (
    Rule(
        cost_check(
            "ECS-05",
            "Over-provisioned tasks",
            "low",
            "Give the task definition less CPU, or run fewer tasks.",
            "ecs",
        ),
        _large,
    ),
    Rule(
        cost_check(
            "ECS-13",
            "Idle load balancer",
            "medium",
            "Delete it together with the service behind it, if nobody needs them.",
            "alb",
        ),
        _idle,
    ),
    Rule(
        cost_check(
            "ECS-14",
            "Container Insights is on",
            "info",
            "Keep it where somebody looks at its metrics, and switch it off elsewhere.",
            "ecs",
        ),
        _insights,
    ),
)
