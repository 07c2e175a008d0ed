"""Lambda functions: loops, paid extras that nobody uses, processors that cost more."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import numpy as np

from alerts.findings.base import NO_AMOUNT, Outcome, Rule, cost_check, fine, found
from alerts.findings.facts import NO_COST, Cost, Facts, Hours
from app.model.ids import Resource

WEEKS_A_MONTH = Decimal(730) / Decimal(24 * 7)
_SURGE, _MANY = 10, 1000
_USED = 0.3
_FREE_MB = 512


def _recursion(facts: Facts) -> Iterator[Outcome]:
    """Lambda stopped a loop, or an hour had ten times what is usual before it."""
    functions = facts.listed("lambda", "function")
    stopped = facts.use(functions, "RecursiveInvocationsDropped", days=1)
    calls, times = facts.use(functions, "Invocations"), facts.use(functions, "Duration")
    for row, function in enumerate(functions):
        dropped = stopped.total(row)
        cost = _like_the_last_day(function, calls.values[row], times.values[row], facts)
        hours = np.nan_to_num(calls.values[row])
        usual, newest = _usual(hours[:-24]), float(hours[-24:].max())
        if dropped > 0:
            reason = f"Lambda stopped a loop: {dropped:.0f} recursive calls dropped in a day"
            yield found(function, reason, {"dropped": round(dropped)}, cost)
        elif newest >= _MANY and newest >= _SURGE * usual:
            more = f"{newest / usual:.0f} times the usual {usual:.0f}" if usual else "after none"
            reason = f"{newest:.0f} calls in one hour of the last day, {more}; does it call itself?"
            evidence = {"calls in the worst hour": round(newest), "usual calls an hour": usual}
            yield found(function, reason, evidence, cost)
        else:
            yield fine(function)


def _like_the_last_day(function: Resource, calls: Hours, milliseconds: Hours, facts: Facts) -> Cost:
    """What requests and duration cost if a month went on like the last day."""
    if np.isnan(milliseconds[-24:]).all():
        return NO_COST
    suffix = "-ARM" if "arm64" in (function.configuration.get("Architectures") or ()) else ""
    seconds = _a_month(milliseconds) / 1000 * _memory_gb(function)
    requests = facts.cost(f"Request{suffix}", _a_month(calls), "request", "AWS Lambda")
    duration = facts.cost(f"Lambda-GB-Second{suffix}", seconds, "GB-second")
    return NO_COST if None in (requests.usd, duration.usd) else requests + duration


def _a_month(hours: Hours) -> Decimal:
    return Decimal(str(float(np.nansum(hours[-24:])))) * 30


def _usual(hours: Hours) -> float:
    """The median; of a function that mostly rests its busiest hour, so that jobs are none."""
    return float(np.median(hours)) or float(hours.max())


def _provisioned(facts: Facts) -> Iterator[Outcome]:
    """Provisioned concurrency is billed whether it is used or not."""
    functions = facts.listed("lambda", "function")
    used = facts.use(functions, "ProvisionedConcurrencyUtilization", "Maximum")
    for row, function in enumerate(functions):
        highest = used.highest(row)
        if np.isnan(highest):
            yield fine(function)
        elif highest < _USED:
            reason = f"at most {highest:.0%} of its provisioned concurrency was used in 7 days"
            evidence = {
                "highest utilisation": round(highest, 3),
                "last told on": used.told(row),
                NO_AMOUNT: "CloudWatch tells the share in use, and not how much is provisioned",
            }
            yield found(function, reason, evidence)
        else:
            yield fine(function)


def _processor(facts: Facts) -> Iterator[Outcome]:
    """The same gigabyte-second costs a fifth less on ARM."""
    functions = facts.listed("lambda", "function")
    times = facts.use(functions, "Duration")
    for row, function in enumerate(functions):
        if "x86_64" not in (function.configuration.get("Architectures") or ["x86_64"]):
            yield fine(function)
            continue
        seconds = gigabyte_seconds(function, times.total(row))
        now = facts.cost("Lambda-GB-Second", seconds, "GB-second on x86")
        then = facts.cost("Lambda-GB-Second-ARM", seconds, "GB-second on ARM")
        evidence = {"GB-seconds a month": round(float(seconds)), "architecture": "x86_64"}
        reason = "runs on x86; ARM costs less for the same memory and time"
        saved = _saved(now, then)
        if saved.usd is not None and saved.usd <= 0:
            yield fine(function)
        else:
            yield found(function, reason, evidence, saved)


def _scratch(facts: Facts) -> Iterator[Outcome]:
    """Scratch space beyond 512 MB is billed while the function runs."""
    functions = facts.listed("lambda", "function")
    times = facts.use(functions, "Duration")
    for row, function in enumerate(functions):
        size = int((function.configuration.get("EphemeralStorage") or {}).get("Size") or _FREE_MB)
        if size <= _FREE_MB:
            yield fine(function)
            continue
        seconds = _seconds_a_month(times.total(row)) * Decimal(size - _FREE_MB) / 1024
        cost = facts.cost("Lambda-Storage-GB-Second", seconds, "scratch space")
        evidence = {"scratch space (MB)": size, "without charge (MB)": _FREE_MB}
        yield found(
            function, f"has {size} MB of scratch space; {_FREE_MB} MB are free", evidence, cost
        )


def gigabyte_seconds(function: Resource, ms_a_week: float) -> Decimal:
    """What a week's time of a function is billed as in a month."""
    return _seconds_a_month(ms_a_week) * _memory_gb(function)


def _memory_gb(function: Resource) -> Decimal:
    return Decimal(int(function.configuration.get("MemorySize") or 128)) / 1024


def _seconds_a_month(ms_a_week: float) -> Decimal:
    return Decimal(str(ms_a_week)) / 1000 * WEEKS_A_MONTH


def _saved(before: Cost, after: Cost) -> Cost:
    if before.usd is None or after.usd is None:
        return Cost(None, before.prices)
    return Cost(before.usd - after.usd, (*before.prices, *after.prices))


RULES = (
    Rule(
        cost_check(
            "LAM-12",
            "Possible recursion",
            "critical",
            "Break the loop: let it write elsewhere than where it is triggered from.",
            "lambda",
        ),
        _recursion,
    ),
    Rule(
        cost_check(
            "LAM-14",
            "Provisioned concurrency idle",
            "medium",
            "Lower it, or let it follow the hours of the day.",
            "lambda",
        ),
        _provisioned,
    ),
    Rule(
        cost_check(
            "LAM-18",
            "x86 where ARM works",
            "info",
            "Try arm64 where no library forbids it.",
            "lambda",
        ),
        _processor,
    ),
    Rule(
        cost_check(
            "LAM-26",
            "Scratch space is paid",
            "info",
            "Give it back what it does not need.",
            "lambda",
        ),
        _scratch,
    ),
)
