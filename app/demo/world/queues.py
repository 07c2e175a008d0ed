"""Metrics of queues: AWS/SQS.

SQS publishes zeros while a queue is in use and nothing once it has been idle
for six hours. Messages that SQS itself moves to a dead-letter queue are not
counted there as sent; events that Lambda gave up are, for Lambda sends them.
"""

from __future__ import annotations

import numpy as np

from app.demo.world.flows import (
    Passage,
    dead_letters,
    dropped,
    history,
    redrive_beats,
    through,
)
from app.demo.world.naming import Published, prefixed
from app.demo.world.noise import Floats
from app.demo.world.platform import Queue
from app.demo.world.samples import Samples, count, gauge, skewed
from app.demo.world.sheet import Sheet

NAMESPACE = "AWS/SQS"
_POLLS_A_MINUTE = 15.0
_IDLE_HOURS = 6


def queue_metrics(sheet: Sheet, queue: Queue) -> Published:
    """Everything one queue publishes."""
    measured = _dead(sheet, queue) if _is_dead(queue) else _used(sheet, queue)
    return prefixed(NAMESPACE, {"QueueName": queue.name}, measured)


def depth(sheet: Sheet, queue: Queue) -> tuple[Floats, Floats]:
    """Messages visible and in flight at the end of each minute."""
    if _is_dead(queue):
        lying, _ = _lying(sheet, queue)
        return lying, sheet.level(0.0)
    passage = through(sheet, queue)
    return passage.waiting, passage.in_flight


def _is_dead(queue: Queue) -> bool:
    return bool(queue.dead_letters_of or queue.failures_of)


def _used(sheet: Sheet, queue: Queue) -> dict[str, Samples]:
    passage = through(sheet, queue)
    counts = {
        "NumberOfMessagesSent": passage.sent,
        "NumberOfMessagesReceived": passage.received,
        "NumberOfMessagesDeleted": passage.deleted,
        "NumberOfEmptyReceives": np.maximum(_POLLS_A_MINUTE - passage.received, 0.0),
    }
    gauges = {
        "ApproximateNumberOfMessagesVisible": passage.waiting,
        "ApproximateNumberOfMessagesNotVisible": passage.in_flight,
        "ApproximateNumberOfMessagesDelayed": sheet.level(0.0),
        "ApproximateAgeOfOldestMessage": passage.oldest_s,
    }
    return _published(sheet, queue, passage, counts, gauges)


def _published(
    sheet: Sheet,
    queue: Queue,
    passage: Passage,
    counts: dict[str, Floats],
    gauges: dict[str, Floats],
) -> dict[str, Samples]:
    m, awake = sheet.minutes, _awake(sheet, queue)
    measured = {name: count(m[awake], total[awake]) for name, total in counts.items()}
    measured |= {name: gauge(m, value, awake) for name, value in gauges.items()}
    wobble = sheet.normal(f"{queue.name}/size")
    middle = sheet.level(float(queue.size))
    return measured | {"SentMessageSize": skewed(m, passage.sent, middle, 0.3, wobble)}


def _awake(sheet: Sheet, queue: Queue) -> np.ndarray:
    if queue.hours is None:
        return np.ones(len(sheet.minutes), dtype=bool)
    first, last = queue.hours
    awake: np.ndarray = (sheet.minutes // 60 - first) % 24 < last - first + _IDLE_HOURS
    return awake


def _lying(sheet: Sheet, queue: Queue) -> tuple[Floats, Floats]:
    """Messages in a dead-letter queue and the age of the oldest one."""
    whole, given_up = _given_up(sheet, queue)
    lying = dead_letters(whole, queue, given_up)
    first = (lying > 0) & (np.concatenate([[0.0], lying[:-1]]) == 0)
    index = np.arange(len(lying))
    since = np.maximum.accumulate(np.where(first | redrive_beats(whole, queue.name), index, 0))
    age = np.where(lying > 0, (index - since) * 60.0 + 3.0 * queue.visibility, 0.0)
    return sheet.newest(lying), sheet.newest(age)


def _given_up(sheet: Sheet, queue: Queue) -> tuple[Sheet, Floats]:
    """What comes into a dead-letter queue, with its run-up."""
    if queue.failures_of:
        whole = sheet.remembering()
        return whole, dropped(whole, sheet.deployment.function(queue.failures_of))
    whole, passage = history(sheet, sheet.deployment.queue(queue.dead_letters_of))
    return whole, passage.given_up


def _taken_out(sheet: Sheet, queue: Queue) -> Floats:
    """Messages that are sent back to where they came from, or removed."""
    if queue.dead_letters_of:
        return through(sheet, sheet.deployment.queue(queue.dead_letters_of)).sent_back
    whole, given_up = _given_up(sheet, queue)
    lying = dead_letters(whole, queue, given_up)
    earlier = np.concatenate([[0.0], lying[:-1]])
    return sheet.newest(np.where(redrive_beats(whole, queue.name), earlier, 0.0))


def _dead(sheet: Sheet, queue: Queue) -> dict[str, Samples]:
    lying, age = _lying(sheet, queue)
    back = _taken_out(sheet, queue)
    m, nothing = sheet.minutes, sheet.level(0.0)
    sent = sheet.newest(_given_up(sheet, queue)[1]) if queue.failures_of else nothing
    return {
        "NumberOfMessagesSent": count(m, sent),
        "NumberOfMessagesReceived": count(m, back),
        "NumberOfMessagesDeleted": count(m, back),
        "NumberOfEmptyReceives": count(m, nothing),
        "ApproximateNumberOfMessagesVisible": gauge(m, lying),
        "ApproximateNumberOfMessagesNotVisible": gauge(m, nothing),
        "ApproximateNumberOfMessagesDelayed": gauge(m, nothing),
        "ApproximateAgeOfOldestMessage": gauge(m, age),
    }
