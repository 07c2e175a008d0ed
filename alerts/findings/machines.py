"""EC2 instances that do nothing, that stand still and pay for disks, or that always run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from alerts.findings.base import NO_AMOUNT, Outcome, Rule, cost_check, fine, found, skipped
from alerts.findings.facts import HOURS_A_MONTH, NO_COST, Cost, Facts
from app.model.errors import CouldNotLook
from app.model.findings import FindingSeverity
from app.model.ids import Resource

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
_LINUX = "Linux/UNIX"
IDLE_CPU, IDLE_BYTES = 3.0, 5_000_000
_STOPPED_AT = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) GMT\)")


def _idle(facts: Facts) -> Iterator[Outcome]:
    """CPU below 3 % and less than 5 MB a day over the network, for seven days."""
    instances = [i for i in facts.listed("ec2", "instance") if i.state == "running"]
    cpu = facts.use(instances, "CPUUtilization", "Maximum")
    mean = facts.use(instances, "CPUUtilization", "Average")
    into = facts.use(instances, "NetworkIn")
    out = facts.use(instances, "NetworkOut")
    for row, instance in enumerate(instances):
        if _age(instance, facts.now) < WEEK:
            yield skipped(instance, "it has run for less than 7 days")
        elif mean.known(row) < 0.9:
            yield skipped(instance, "its metrics have gaps")
        elif mean.highest(row) < IDLE_CPU and _a_day(into.total(row) + out.total(row)) < IDLE_BYTES:
            a_day = _a_day(into.total(row) + out.total(row))
            yield found(
                instance,
                f"CPU stayed below {IDLE_CPU:g} % and {a_day / 1e6:.1f} MB a day went over the "
                f"network, for 7 days",
                {
                    "InstanceType": instance.configuration.get("InstanceType"),
                    "highest hourly mean of CPU (%)": round(mean.highest(row), 2),
                    "highest CPU (%)": round(cpu.highest(row), 2),
                    "bytes a day": round(a_day),
                    **_unpriced(instance),
                },
                _running(instance, facts),
            )
        else:
            yield fine(instance)


def _stopped(facts: Facts) -> Iterator[Outcome]:
    """A stopped instance costs nothing itself; its volumes do."""
    volumes = {each.id: each for each in _volumes(facts)}
    for instance in facts.listed("ec2", "instance"):
        attached = list(instance.configuration.get("Volumes") or ())
        since = _stopped_since(instance, facts)
        if instance.state != "stopped" or not attached:
            yield fine(instance)
        elif since is not None and facts.now - since < WEEK:
            yield skipped(instance, "it was stopped less than 7 days ago")
        else:
            known = [volumes[id_] for id_ in attached if id_ in volumes]
            evidence, costs = _disks(attached, known, facts)
            when = f"since {since:%Y-%m-%d}" if since else "since before it was first seen"
            yield found(
                instance,
                f"stopped {when}, and {len(attached)} attached volume(s) are billed on",
                evidence,
                costs,
            )


def _disks(
    attached: Sequence[str], known: Sequence[Resource], facts: Facts
) -> tuple[dict[str, Any], Cost]:
    """Size and cost of volumes, where all of them are known; else why there is no amount."""
    evidence: dict[str, Any] = {"volumes": list(attached)}
    if len(known) < len(attached):
        evidence[NO_AMOUNT] = _unknown(len(attached) - len(known), facts)
        return evidence, NO_COST
    each = [volume_cost(volume, facts) for volume in known]
    evidence["GB"] = sum(_size(volume) for volume in known)
    return evidence, NO_COST if any(one.usd is None for one in each) else sum(each, NO_COST)


def _unknown(lacking: int, facts: Facts) -> str:
    try:
        facts.require_listed("ec2", "volume")
    except CouldNotLook as error:
        return f"its volumes are not known: {error}"
    return f"{lacking} of its volumes stood in no list yet"


def _steady(facts: Facts) -> Iterator[Outcome]:
    """Advice only: what runs for a month on end is cheaper with a commitment."""
    for instance in facts.listed("ec2", "instance"):
        configuration = instance.configuration
        if instance.state != "running" or configuration.get("InstanceLifecycle"):
            yield fine(instance)
        elif _age(instance, facts.now) < MONTH:
            yield skipped(instance, "it has run for less than 30 days")
        else:
            days, kind = _age(instance, facts.now).days, str(configuration.get("InstanceType"))
            now = _running(instance, facts)
            evidence: dict[str, Any] = {"InstanceType": kind, "days": days}
            if now.usd is not None:
                evidence["on demand (USD a month)"] = str(now.usd)
            evidence[NO_AMOUNT] = "what a commitment saves depends on its term and payment"
            words = f"has run on demand for {days} days; a Savings Plan may fit"
            yield found(instance, words, evidence, severity=FindingSeverity.INFO)


def volume_cost(volume: Resource, facts: Facts) -> Cost:
    """What a volume costs a month for its size; provisioned performance comes on top."""
    kind = str(volume.configuration.get("VolumeType") or "gp2")
    return facts.cost(f"EBS:VolumeUsage.{kind}", Decimal(_size(volume)), f"{kind} storage")


def _volumes(facts: Facts) -> tuple[Resource, ...]:
    known = facts.books.resources().values()
    return tuple(
        each
        for each in known
        if each.place == facts.place and (each.service, each.kind) == ("ec2", "volume")
    )


def _size(volume: Resource) -> int:
    return int(volume.configuration.get("Size") or 0)


def _unpriced(instance: Resource) -> dict[str, str]:
    """Why it has no amount; the price of a usage type is that of Linux on demand."""
    way = str(instance.configuration.get("InstanceLifecycle") or "")
    platform = str(instance.configuration.get("PlatformDetails") or _LINUX)
    if way:
        return {NO_AMOUNT: f"it is no instance on demand ({way}), and its price is not known"}
    if platform != _LINUX:
        return {NO_AMOUNT: f"prices are known for Linux, and it runs {platform}"}
    return {}


def _running(instance: Resource, facts: Facts) -> Cost:
    if _unpriced(instance):
        return NO_COST
    kind = str(instance.configuration.get("InstanceType") or "")
    return facts.cost(f"BoxUsage:{kind}", HOURS_A_MONTH, f"{kind} on demand")


def _age(instance: Resource, now: datetime) -> timedelta:
    """How long it has run; instances whose start is not known count as new."""
    launched = instance.configuration.get("LaunchTime")
    return now - datetime.fromisoformat(str(launched)) if launched else timedelta()


def _stopped_since(instance: Resource, facts: Facts) -> datetime | None:
    said = _STOPPED_AT.search(str(instance.configuration.get("StateTransitionReason") or ""))
    if said:
        return datetime.strptime(said.group(1), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    return facts.state_since(instance)


def _a_day(total: float) -> float:
    return total / 7


RULES = (
    Rule(
        cost_check(
            "EC2-01",
            "Idle instance",
            "medium",
            "Stop or terminate it if nobody needs it; nothing it does needs a machine of its own.",
            "ec2",
        ),
        _idle,
    ),
    Rule(
        cost_check(
            "EC2-02",
            "Stopped instance still paying for disks",
            "low",
            "Take a snapshot and delete the volumes, or terminate the instance.",
            "ec2",
        ),
        _stopped,
    ),
    Rule(
        cost_check(
            "EC2-12",
            "Steady on-demand instance",
            "info",
            "Weigh a Savings Plan or a reservation for what runs all the time.",
            "ec2",
        ),
        _steady,
    ),
)
