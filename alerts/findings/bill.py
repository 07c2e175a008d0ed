"""What stands out in the bill itself; looked at once for all accounts of the bill."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from alerts.findings.base import Outcome, Rule, Scope, cost_check
from alerts.findings.facts import Cost, Facts
from alerts.findings.jumps import EARLIER, WEEK, Weeks, weeks
from app.model.errors import CouldNotLook
from app.model.findings import OF_BILL, Check, FindingStatus
from app.model.spend import Dimension, SpendDimension, Tag
from app.model.time import Window
from app.read.spend import SpendAnswer, SpendQuestion
from app.read.spend.usage_types import split

_UNTAGGED = Decimal("0.2")
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class _Meter:
    """Usage types whose names end with one of ``parts``, and what of them a month is too much."""

    parts: tuple[str, ...]
    above: Decimal
    words: str
    service: str = ""


_S3 = "Amazon Simple Storage Service"
_STANDARD, _TERABYTE_USD = "TimedStorage-ByteHrs", Decimal(23)
_NAT_HOURS = "NatGateway-Hours"
_NAT = _Meter(("NatGateway-Bytes", "NatGateway-Hours"), Decimal(150), "NAT gateways")
_METRICS = _Meter(("CW:MetricMonitorUsage",), Decimal(10), "custom metrics")
_EVENTS = _Meter(("DataEventsRecorded",), Decimal(5), "CloudTrail data events")
_BUILDS = _Meter(("",), Decimal(50), "build minutes", "CodeBuild")
_S3_OUT = _Meter(("DataTransfer-Out-Bytes",), Decimal(270), "downloads from S3", _S3)
_DASHBOARDS = _Meter(("DashboardsUsageHour",), Decimal(0), "dashboards")


def _jump(facts: Facts) -> Iterator[Outcome]:
    """A service that cost 30 % and 5 USD more than in the week before, monthly fees aside."""
    recent = _asked(facts, 2 * WEEK, SpendDimension.SERVICE)
    end = recent.question.window.end
    longer = Window(end - timedelta(days=2 * WEEK + EARLIER), end)
    answer = _read(facts, longer, SpendDimension.SERVICE)
    days = [each.date() for each in answer.slots]
    for key in (row.key for row in recent.rows):
        name, row = key[0] or "(no service)", answer.row(*key)
        seen = weeks(days, row.amounts) if row else None
        if seen is None or not seen.is_jump:
            yield _outcome(facts, name, FindingStatus.OK)
        elif seen.is_open:
            why = "it may be a monthly charge, and the first of the month before is not known"
            yield _outcome(facts, name, FindingStatus.SKIP, why)
        else:
            yield _risen(facts, name, seen)


def _risen(facts: Facts, name: str, seen: Weeks) -> Outcome:
    before, after = seen.before, seen.after
    grown = f"{after / before - 1:.0%} more" if before > 0 else "nothing"
    words = f"than the week before ({before:.2f})" if before > 0 else "the week before"
    evidence = {
        "week before (USD)": str(before),
        "last week (USD)": str(after),
        "the amount is for": "a month of what rose on most days; single charges count once",
    }
    if seen.fees:
        evidence["monthly charges left out (USD)"] = str(seen.fees)
    reason = f"{name} cost {after:.2f} USD in a week, {grown} {words}"
    return _outcome(facts, name, FindingStatus.ALARM, reason, evidence, Cost(seen.usd))


def _untagged(facts: Facts) -> Iterator[Outcome]:
    """More than a fifth of what was spent carries no value of a chosen tag; each tag alone."""
    for key in facts.tags:
        answer = _asked(facts, 30, Tag(key))
        without = sum((r.total for r in answer.rows if r.key == ("",)), Decimal(0))
        share = without / answer.total if answer.total > 0 else Decimal(0)
        if share <= _UNTAGGED:
            yield _outcome(facts, f"tag {key}", FindingStatus.OK)
            continue
        evidence = {"untagged (USD)": str(without), "of (USD)": str(answer.total)}
        reason = f"{share:.0%} of the spend of 30 days carries no tag `{key}`"
        yield _outcome(facts, f"tag {key}", FindingStatus.ALARM, reason, evidence)


def _meter(facts: Facts, meter: _Meter) -> Iterator[Outcome]:
    """What some usage types cost over the last 30 days of the bill."""
    answer = _asked(facts, 30, SpendDimension.SERVICE, SpendDimension.USAGE_TYPE)
    rows = [
        row
        for row in answer.rows
        if row.key[1].endswith(meter.parts) and meter.service in ("", row.key[0])
    ]
    total = sum((row.total for row in rows), Decimal(0))
    if total <= meter.above:
        yield _outcome(facts, meter.words, FindingStatus.OK)
        return
    evidence = {row.key[1]: f"{row.total:.2f} USD" for row in rows}
    reason = f"{meter.words} cost {total:.2f} USD in the last 30 days"
    cost = Cost(total.quantize(_CENT))
    yield _outcome(facts, meter.words, FindingStatus.ALARM, reason, evidence, cost)


def _nat(facts: Facts) -> Iterator[Outcome]:
    return _meter(facts, _NAT)


def _metrics(facts: Facts) -> Iterator[Outcome]:
    return _meter(facts, _METRICS)


def _events(facts: Facts) -> Iterator[Outcome]:
    return _meter(facts, _EVENTS)


def _builds(facts: Facts) -> Iterator[Outcome]:
    return _meter(facts, _BUILDS)


def _downloads(facts: Facts) -> Iterator[Outcome]:
    return _meter(facts, _S3_OUT)


def _all_standard(facts: Facts) -> Iterator[Outcome]:
    """More than a terabyte in S3, and all of it in the dearest class."""
    answer = _asked(facts, 30, SpendDimension.SERVICE, SpendDimension.USAGE_TYPE)
    stored = {
        row.key[1]: row.total
        for row in answer.rows
        if row.key[0] == _S3 and "TimedStorage" in row.key[1]
    }
    standard = sum((v for k, v in stored.items() if k.endswith(_STANDARD)), Decimal(0))
    others = sum(stored.values(), Decimal(0)) - standard
    if standard <= _TERABYTE_USD or others > standard / 100:
        yield _outcome(facts, "S3 storage", FindingStatus.OK)
        return
    evidence = {"standard (USD)": str(standard), "other classes (USD)": str(others)}
    reason = f"standard storage cost {standard:.2f} USD in 30 days, and no other class is used"
    yield _outcome(facts, "S3 storage", FindingStatus.ALARM, reason, evidence)


def _dashboards(facts: Facts) -> Iterator[Outcome]:
    return _meter(facts, _DASHBOARDS)


def _idle_nat(facts: Facts) -> Iterator[Outcome]:
    """A NAT gateway is billed by the hour; in a Region without its traffic it does nothing."""
    answer = _asked(facts, 30, SpendDimension.USAGE_TYPE)
    totals = {row.key[0]: row.total for row in answer.rows}
    for usage, total in sorted(totals.items()):
        if not usage.endswith(_NAT_HOURS) or total <= 0:
            continue
        prefix = usage.removesuffix(_NAT_HOURS)
        traffic = totals.get(f"{prefix}NatGateway-Bytes", Decimal(0))
        region = split(usage)[0] or "us-east-1"
        if traffic > _CENT * 30:
            yield _outcome(facts, f"NAT in {region}", FindingStatus.OK)
            continue
        evidence = {"hours (USD)": str(total), "traffic (USD)": str(traffic)}
        reason = (
            f"NAT gateways in {region} cost {total:.2f} USD in 30 days and carried next to nothing"
        )
        cost = Cost(total.quantize(_CENT))
        yield _outcome(facts, f"NAT in {region}", FindingStatus.ALARM, reason, evidence, cost)


def _asked(facts: Facts, days: int, *group: Dimension) -> SpendAnswer:
    """The last whole days of the bill; the newest two are not complete yet and left out.

    Until the bill is read in the morning the third newest is not either.
    """
    midnight = facts.now.replace(hour=0, minute=0, second=0, microsecond=0)
    for end in (midnight - timedelta(days=1), midnight - timedelta(days=2)):
        window = Window(end - timedelta(days=days), end)
        answer = _read(facts, window, *group)
        if answer.is_whole(window):
            return answer
    raise CouldNotLook(f"the bill of the last {days} days is not complete yet")


def _read(facts: Facts, window: Window, *group: Dimension) -> SpendAnswer:
    """Some days of the bill as far as they are known."""
    answer = facts.spend.ask(SpendQuestion(window, group=group), facts.now).value
    if answer.why_not:
        raise CouldNotLook(answer.why_not)
    return answer


def _outcome(
    facts: Facts,
    name: str,
    status: FindingStatus,
    reason: str = "",
    evidence: Mapping[str, Any] | None = None,
    cost: Cost | None = None,
) -> Outcome:
    resource = f"{facts.place.account}{OF_BILL}{name}"
    return Outcome(resource, name, status, reason, evidence or {}, cost or Cost())


def _rule(check: Check, look: Any) -> Rule:
    return Rule(check, look, Scope.BILL)


RULES = (
    _rule(
        cost_check(
            "ACC-09", "Spend jump", "medium", "Open the explorer and split it by usage type."
        ),
        _jump,
    ),
    _rule(
        cost_check(
            "ACC-11",
            "Untagged spend",
            "low",
            "Tag what costs most first; tags count from the day on that they are active.",
        ),
        _untagged,
    ),
    _rule(
        cost_check(
            "BILL-01",
            "NAT gateways are dear",
            "high",
            "Give S3 and DynamoDB gateway endpoints, and see who sends so much.",
        ),
        _nat,
    ),
    _rule(
        cost_check(
            "CW-09",
            "Custom metrics are dear",
            "medium",
            "Drop dimensions that nobody looks at, or write EMF and keep only what is alarmed.",
        ),
        _metrics,
    ),
    _rule(
        cost_check(
            "S3-05",
            "Data events are dear",
            "medium",
            "Record data events only for buckets and prefixes that need them.",
        ),
        _events,
    ),
    _rule(
        cost_check(
            "CW-11", "Paid dashboards", "info", "Delete those in CloudWatch that nobody opens."
        ),
        _dashboards,
    ),
    _rule(
        cost_check(
            "BILL-02",
            "Idle NAT gateways",
            "medium",
            "Delete them if nothing behind has to get out.",
        ),
        _idle_nat,
    ),
    _rule(
        cost_check(
            "BILL-03",
            "All of S3 in the standard class",
            "info",
            "Let a life-cycle rule move what is seldom read, or use Intelligent-Tiering.",
        ),
        _all_standard,
    ),
    _rule(
        cost_check(
            "BILL-04",
            "Much is downloaded from S3",
            "low",
            "Put CloudFront in front: it caches, and the way from S3 to it is free.",
        ),
        _downloads,
    ),
    _rule(
        cost_check(
            "CIC-09",
            "Dear build minutes",
            "low",
            "Cache dependencies, and build on smaller machines.",
        ),
        _builds,
    ),
)
