"""SQS: each request is billed, also the one that brings nothing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from alerts.findings.base import Outcome, Rule, cost_check, fine, found, skipped
from alerts.findings.facts import NO_COST, Cost, Facts
from alerts.findings.functions import WEEKS_A_MONTH
from app.model.ids import Resource

_MOSTLY, _FEW = 0.9, 10_000


def _short_polling(facts: Facts) -> Iterator[Outcome]:
    """A wait time of 0 answers at once, and so is asked again and again."""
    queues = facts.listed("sqs", "queue")
    empty = facts.use(queues, "NumberOfEmptyReceives")
    for row, queue in enumerate(queues):
        if queue.configuration.get("ReceiveMessageWaitTimeSeconds") or queue.configuration.get(
            "isDeadLetterQueue"
        ):
            yield fine(queue)
            continue
        asked = empty.total(row)
        evidence = {"wait time (s)": 0, "empty receives in 7 days": round(asked)}
        cost = _requests(facts, queue, asked) if asked else NO_COST
        yield found(queue, "its wait time is 0 s, so consumers poll short", evidence, cost)


def _empty(facts: Facts) -> Iterator[Outcome]:
    queues = facts.listed("sqs", "queue")
    empty = facts.use(queues, "NumberOfEmptyReceives")
    received = facts.use(queues, "NumberOfMessagesReceived")
    for row, queue in enumerate(queues):
        nothing, something = empty.total(row), received.total(row)
        share = nothing / (nothing + something) if nothing + something else 0.0
        if nothing < _FEW:
            yield skipped(queue, f"fewer than {_FEW} empty receives in 7 days")
        elif something and share > _MOSTLY:
            evidence = {"empty receives": round(nothing), "messages received": round(something)}
            reason = f"{share:.0%} of what was received in 7 days was empty"
            yield found(queue, reason, evidence, _requests(facts, queue, nothing))
        else:
            yield fine(queue)


def _idle(facts: Facts) -> Iterator[Outcome]:
    """Nobody sends, and somebody asks."""
    queues = facts.listed("sqs", "queue")
    empty = facts.use(queues, "NumberOfEmptyReceives")
    sent = facts.use(queues, "NumberOfMessagesSent")
    for row, queue in enumerate(queues):
        asked = empty.total(row)
        if sent.total(row) == 0 and asked > 0:
            evidence = {"messages sent": 0, "empty receives": round(asked)}
            reason = f"no message for 7 days, and it was asked {asked:.0f} times"
            yield found(queue, reason, evidence, _requests(facts, queue, asked))
        else:
            yield fine(queue)


def _requests(facts: Facts, queue: Resource, a_week: float) -> Cost:
    kind = "Requests-FIFO-Tier1" if queue.configuration.get("FifoQueue") else "Requests-Tier1"
    quantity = Decimal(str(a_week)) * WEEKS_A_MONTH
    return facts.cost(kind, quantity, "request", "Amazon Simple Queue Service")


RULES = (
    Rule(
        cost_check(
            "SQS-06",
            "Short polling",
            "low",
            "Set ReceiveMessageWaitTimeSeconds to 20: consumers then wait for a message.",
            "sqs",
        ),
        _short_polling,
    ),
    Rule(
        cost_check(
            "SQS-07",
            "Mostly empty receives",
            "low",
            "Poll long, in larger batches, with fewer consumers.",
            "sqs",
        ),
        _empty,
    ),
    Rule(
        cost_check(
            "SQS-14",
            "Idle queue with a poller",
            "low",
            "Disable the event source mapping, or delete the queue.",
            "sqs",
        ),
        _idle,
    ),
)
