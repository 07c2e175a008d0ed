"""What the collected log events say: memory that functions never used, and DEBUG lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from math import ceil

from alerts.findings.base import Outcome, Rule, cost_check, fine, found, skipped
from alerts.findings.facts import Cost, Facts, Use
from alerts.findings.functions import gigabyte_seconds
from alerts.findings.log_groups import outcome
from app.model.findings import FindingStatus
from app.model.ids import Resource
from app.model.time import Window

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_USED, _SPARE, _LEAST_MB, _RUNS = 0.5, 1.5, 128, 100
_DEBUG, _EVENTS = 0.01, 1000
_MEMORY = (
    'filter @type = "REPORT" | stats max(@maxMemoryUsed / 1000 / 1000) as used, count(*) as runs '
    "by @log"
)
_TOTAL = "stats count(*) as events by @log"
_DEBUGGING = r"filter @message like /\bDEBUG\b/ | stats count(*) as events by @log"


def _memory(facts: Facts) -> Iterator[Outcome]:
    """No run of a day used half of the memory; from the REPORT lines that Lambda writes."""
    functions = facts.listed("lambda", "function")
    told = facts.logged(_MEMORY, "/aws/lambda/*", Window(facts.now - _DAY, facts.now))
    by_name = {name.rpartition("/")[2]: values for name, values in told.items()}
    times = facts.use(functions, "Duration")
    for row, function in enumerate(functions):
        memory = int(function.configuration.get("MemorySize") or 0)
        used, runs = by_name.get(function.name, (0.0, 0.0))
        if runs < _RUNS:
            yield skipped(function, f"fewer than {_RUNS} REPORT lines of the last day are stored")
        elif memory <= _LEAST_MB or used >= _USED * memory:
            yield fine(function)
        else:
            yield _oversized(function, (memory, used, runs), (times, row), facts)


def _oversized(
    function: Resource, seen: tuple[int, float, float], time: tuple[Use, int], facts: Facts
) -> Outcome:
    memory, used, runs = seen
    enough = max(_LEAST_MB, ceil(used * _SPARE / 64) * 64)
    times, row = time
    arm = "arm64" in (function.configuration.get("Architectures") or ())
    usage = "Lambda-GB-Second-ARM" if arm else "Lambda-GB-Second"
    spare = Decimal(memory - enough) / memory
    seconds = gigabyte_seconds(function, times.total(row)) * spare
    return found(
        function,
        f"at most {used:.0f} of {memory} MB were used in {runs:.0f} runs of a day; "
        f"{enough} MB would do",
        {
            "memory (MB)": memory,
            "most used (MB)": round(used, 1),
            "would do (MB)": enough,
            "runs": round(runs),
            "mind": "less memory is also less processor: measure before and after",
        },
        facts.cost(usage, seconds, "GB-second"),
    )


def _debug(facts: Facts) -> Iterator[Outcome]:
    """More than one event in a hundred of the last hour is DEBUG: a sample would do."""
    window = Window(facts.now - _HOUR, facts.now)
    totals = facts.logged(_TOTAL, "*", window)
    debug = facts.logged(_DEBUGGING, "*", window)
    for group in facts.log_groups():
        name = group.key.name
        events, chatty = (each.get(name, (0.0,))[0] for each in (totals, debug))
        if events < _EVENTS:
            yield outcome(group, FindingStatus.SKIP, f"fewer than {_EVENTS} events in an hour")
        elif chatty > _DEBUG * events:
            share = chatty / events
            reason = f"{share:.0%} of the events of the last hour are DEBUG"
            evidence = {"events": round(events), "of them DEBUG": round(chatty)}
            yield outcome(group, FindingStatus.ALARM, reason, evidence, Cost())
        else:
            yield outcome(group, FindingStatus.OK)


RULES = (
    Rule(
        cost_check(
            "LAM-08",
            "More memory than it uses",
            "low",
            "Try less memory, and compare the time that it then takes.",
            "lambda",
        ),
        _memory,
    ),
    Rule(
        cost_check(
            "CW-03",
            "DEBUG in the log",
            "medium",
            "Log at INFO, and DEBUG for a sample of one request in a hundred.",
        ),
        _debug,
    ),
)
