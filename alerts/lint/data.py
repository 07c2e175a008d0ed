"""Traps in how an alarm goes with its data: late, sparse, few samples, too little history."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.lint.case import Case, Finding, Weight
from alerts.verdict.rule import Operator, Treatment

SPARSE, STEADY = 0.5, 0.95
"""Shares of slots with a point below which a metric is sparse, and above which it is steady."""

ENOUGH_DAYS = 1.0
"""History from which shares and ranges are worth something."""

BAND_NEEDS, BAND_LIKES = 3.0, 14.0
_FALLING = (Operator.BELOW, Operator.AT_MOST)


def late_data(case: Case) -> Iterator[Finding]:
    """One point decides, and the newest one is the least finished."""
    rule = case.rule
    if rule is None or rule.n != 1 or rule.time_zone is not None or rule.period >= 3600:
        return
    breaching = rule.treatment is Treatment.BREACHING
    counted = rule.statistic in ("Sum", "SampleCount") and rule.operator in _FALLING
    if not (breaching or counted):
        return
    why = (
        "a point that comes a little late counts as breaching until it is there"
        if breaching
        else "while samples are still arriving, the newest sum is too small"
    )
    yield Finding(
        "late-data",
        Weight.WARNING,
        f"One of one point decides, and {why}.",
        "Ask for 2 of 3 points, so that the newest alone cannot raise the alarm.",
        {"EvaluationPeriods": 3, "DatapointsToAlarm": 2},
    )


def sparse_treatment(case: Case) -> Iterator[Finding]:
    """The treatment of missing data does not suit how often points come."""
    rule, facts = case.rule, case.facts
    if rule is None or facts is None or not facts.known or facts.days < ENOUGH_DAYS:
        return
    many = f"{facts.share:.0%} of its slots have a point"
    if facts.share < SPARSE and rule.treatment is Treatment.BREACHING:
        yield Finding(
            "sparse-breaching", Weight.ERROR,
            f"Missing data counts as breaching, but only {many}: quiet times raise the alarm.",
            "Treat missing data as notBreaching; for a heartbeat use a period that always has one.",
            {"TreatMissingData": "notBreaching"},
        )  # fmt: skip
    elif facts.share < SPARSE and rule.treatment is not Treatment.NOT_BREACHING:
        what = (
            "goes to INSUFFICIENT_DATA whenever it is quiet"
            if rule.treatment is Treatment.MISSING
            else "stays in ALARM until the next point comes"
        )
        yield Finding(
            "sparse-missing", Weight.WARNING,
            f"Only {many}, and missing data is treated as {rule.treatment}: the alarm {what}.",
            "Treat missing data as notBreaching.",
            {"TreatMissingData": "notBreaching"},
        )  # fmt: skip
    elif (
        facts.share > STEADY
        and rule.treatment is Treatment.NOT_BREACHING
        and not facts.absent_is_zero
        and rule.operator in _FALLING
    ):
        yield Finding(
            "silence-is-good", Weight.HINT,
            f"{many[:1].upper()}{many[1:]}, so a gap means that something stopped, and the alarm "
            "takes a gap for good.",
            "Treat missing data as breaching, or as missing to be told of INSUFFICIENT_DATA.",
            {"TreatMissingData": "breaching"},
        )  # fmt: skip


def lingering(case: Case) -> Iterator[Finding]:
    """The evaluation range is longer than N: states end, or begin, later than people think."""
    rule = case.rule
    if rule is None or rule.time_zone is not None:
        return
    reach = rule.range * rule.period
    sparse = case.facts is not None and case.facts.known and case.facts.share < SPARSE
    if rule.treatment is Treatment.BREACHING and rule.n * rule.period >= 3600:
        yield Finding(
            "late-heartbeat", Weight.HINT,
            f"When the metric stops, the alarm is raised {_hours(reach)} after the last point, not "
            f"{_hours(rule.n * rule.period)}: the evaluation range holds {rule.range} slots.",
            "Use a shorter period, or a wall-clock window, which looks at exactly N slots.",
        )  # fmt: skip
    elif sparse and rule.n == 1 and rule.treatment is Treatment.NOT_BREACHING and reach > 3600:
        yield Finding(
            "sticky", Weight.HINT,
            f"After one breach without further points the alarm stays for {_hours(reach)}: the "
            f"evaluation range holds {rule.range} slots.",
            "Use a shorter period.",
        )  # fmt: skip


def few_samples(case: Case) -> Iterator[Finding]:
    """A percentile over a handful of samples is their maximum."""
    rule, facts = case.rule, case.facts
    if rule is None or facts is None or facts.days < ENOUGH_DAYS or not facts.samples:
        return
    needed = _needed(rule.statistic)
    if needed is None:
        return
    ignores = case.put.get("EvaluateLowSampleCountPercentile") == "ignore"
    usual = facts.samples * (rule.n if ignores else 1)
    if usual >= needed:
        return
    told = f"{rule.statistic} needs {needed:.0f} samples, and usually there are {usual:.0f}"
    if ignores:
        yield Finding(
            "percentile-never-decides", Weight.ERROR,
            f"{told} in all slots together: with EvaluateLowSampleCountPercentile ignore the "
            "alarm keeps its state.",
            "Use a longer period or a lower percentile.",
        )  # fmt: skip
    else:
        yield Finding(
            "few-samples", Weight.WARNING,
            f"{told} in a slot: it follows single slow requests.",
            "Set EvaluateLowSampleCountPercentile to ignore, or use a longer period or a lower "
            "percentile.",
            {"EvaluateLowSampleCountPercentile": "ignore"},
        )  # fmt: skip


def short_history(case: Case) -> Iterator[Finding]:
    """A band needs to have seen what is usual."""
    if case.rule is None or not case.rule.operator.is_band or case.facts is None:
        return
    days = case.facts.days
    if days < BAND_LIKES:
        weight = Weight.WARNING if days < BAND_NEEDS else Weight.HINT
        missing = "even a day's rhythm" if days < BAND_NEEDS else "how weekends differ"
        yield Finding(
            "short-history", weight,
            f"The band is trained on {days:.1f} days of data and does not know {missing} yet.",
            f"Wait until there are {BAND_LIKES:.0f} days, or use a fixed threshold until then.",
        )  # fmt: skip


def unknown_series(case: Case) -> Iterator[Finding]:
    """No such series: mostly a dimension too many, too few or misspelt.

    A counter that AWS publishes only while something happens may simply never have begun.
    """
    facts = case.facts
    if case.rule is None or facts is None or facts.known:
        return
    own = sorted(str(d.get("Name")) for d in case.put.get("Dimensions") or ())
    sets = [sorted(names) for names in facts.dimension_sets]
    if own in sets and facts.absent_is_zero:
        return
    fix = "Compare namespace, name and every dimension with the page Explore."
    if sets and own not in sets:
        listed = " or ".join(f"({', '.join(names) or 'none'})" for names in sets)
        fix = f"AWS publishes it under the dimensions {listed}; name exactly one such set."
    yield Finding(
        "no-such-series",
        Weight.WARNING if own in sets else Weight.ERROR,
        "Nothing was ever collected under this name and these dimensions.",
        fix,
    )


def _needed(statistic: str) -> float | None:
    """How many samples AWS asks for before it trusts a percentile."""
    try:
        share = float(statistic.removeprefix("p")) / 100 if statistic.startswith("p") else 0.0
    except ValueError:
        return None
    if not 0 < share < 1:
        return None
    return round(10 / (1 - share), 6) if share >= 0.5 else round(10 / share, 6)


def _hours(seconds: int) -> str:
    if seconds % 86_400 == 0:
        return f"{seconds // 86_400} d"
    return f"{seconds / 3600:.3g} h" if seconds >= 3600 else f"{seconds // 60} min"


TRAPS = (late_data, sparse_treatment, lingering, few_samples, short_history, unknown_series)
