"""How work flows from people through the platform, as counts that add up.

Calls of a route are the invocations its function is offered; events matched by
a rule are the messages its queue is sent; what a consumer fails to digest three
times is what the dead-letter queue receives.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from app.demo.world.incidents import Kind
from app.demo.world.noise import Floats, stream_of
from app.demo.world.platform import Api, Function, Queue, Route, Rule
from app.demo.world.sheet import Sheet

# Which function or queue of a deployment suffers from which trouble.
FAILING = ("posts-api", "image-resizer")
THROTTLED = ("search-api", "redirect")
SLOW_TABLES = ("comments", "clicks")
UNDIGESTED = ("notifications", "clicks")
PILED_UP = ("audio-jobs", "clicks")
RETRIES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """What a function did each minute; ``offered`` is ``invoked`` plus ``throttled``."""

    offered: Floats
    invoked: Floats
    throttled: Floats
    failed: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """What went through a queue each minute, and what lay in it at the minute's end.

    Over time ``sent`` is ``deleted`` plus ``given_up`` plus what still lies in it.
    """

    sent: Floats
    received: Floats
    deleted: Floats
    failing: Floats
    given_up: Floats
    sent_back: Floats
    waiting: Floats
    in_flight: Floats
    oldest_s: Floats


def calls(sheet: Sheet, api: Api, route: Route) -> Floats:
    """Requests to one route."""
    name = f"{api.name} {route.method} {route.path}"
    return sheet.once(("calls", name), lambda: sheet.count(name, route.rate * sheet.demand))


def calls_of(sheet: Sheet, function: str, *, changing: bool = False) -> Floats:
    """Requests to every route of a function; ``changing``: only those that are not reads."""
    routes = [(a, r) for a in sheet.deployment.apis for r in a.routes if r.function == function]
    if changing:
        routes = [(a, r) for a, r in routes if r.method != "GET"] or routes
    return sum((calls(sheet, api, route) for api, route in routes), sheet.level(0.0))


def matched(sheet: Sheet, rule: Rule) -> Floats:
    """Events that a rule matched, or the beats of its schedule."""
    if rule.every_minutes:
        offset = stream_of(rule.name) % rule.every_minutes if rule.every_minutes > 60 else 0
        beats: Floats = ((sheet.minutes - offset) % rule.every_minutes == 0).astype(np.float64)
        return beats
    source = calls_of(sheet, rule.source, changing=True)
    return sheet.once(("rule", rule.name), lambda: sheet.thin(rule.name, source, rule.share))


def uploads(sheet: Sheet, rate: float) -> Floats:
    """Files put into the bucket."""
    return sheet.once("uploads", lambda: sheet.count("uploads", rate * sheet.demand))


def work(sheet: Sheet, function: Function) -> Work:
    """Invocations, throttles and errors of a function."""
    return sheet.once(("work", function.name), lambda: _work(sheet, function))


def _work(sheet: Sheet, function: Function) -> Work:
    kind, _, name = function.source.partition(":")
    if kind == "queue":
        return _consumed(sheet, function, sheet.deployment.queue(name))
    offered = _offered(sheet, function, kind, name)
    share = sheet.level(0.0)
    if function.name in THROTTLED:
        share = 0.55 * sheet.strength(Kind.THROTTLES)
    throttled = sheet.thin(f"{function.name}/throttled", offered, share)
    invoked = offered - throttled
    failed = sheet.thin(f"{function.name}/failed", invoked, error_share(sheet, function))
    return Work(offered, invoked, throttled, failed)


def _offered(sheet: Sheet, function: Function, kind: str, name: str) -> Floats:
    if kind == "routes":
        return calls_of(sheet, function.name)
    if kind == "bucket":
        return uploads(sheet, sheet.deployment.buckets[0].uploads)
    if kind == "stream":
        return np.ceil(written(sheet, name) / function.batch)
    beats = matched(sheet, sheet.deployment.rule(name))
    # The broken importer is retried until EventBridge gives up: a dozen tries a beat.
    return beats * 12.0 if function.errors >= 1.0 else beats


def _consumed(sheet: Sheet, function: Function, queue: Queue) -> Work:
    passage = through(sheet, queue)
    invoked = np.ceil(passage.received / function.batch)
    failed = np.minimum(np.ceil(passage.failing / function.batch), invoked)
    return Work(invoked, invoked, sheet.level(0.0), failed)


def error_share(sheet: Sheet, function: Function) -> Floats:
    """The chance that an invocation ends in an error."""
    share = sheet.level(function.errors)
    if function.name in FAILING:
        share = share + 0.38 * sheet.strength(Kind.ERRORS)
    if uses_slow_table(sheet, function):
        share = share + 0.04 * sheet.strength(Kind.TABLE)
    return np.minimum(share, 1.0)


def dropped(sheet: Sheet, function: Function) -> Floats:
    """Events of a function that were given up, after three tries each.

    Sporadic errors pass at the second try.
    """
    if function.errors < 1.0:
        return sheet.level(0.0)
    return np.floor(work(sheet, function).failed / RETRIES)


def uses_slow_table(sheet: Sheet, function: Function) -> bool:
    """Whether a function waits for the table that dynamodb-slow troubles."""
    slow = [t for t in sheet.deployment.tables if t.name in SLOW_TABLES]
    return any(name == function.name for t in slow for name, _ in (*t.readers, *t.writers))


def written(sheet: Sheet, table: str) -> Floats:
    """Items written to a table, by the functions that write it."""

    def compute() -> Floats:
        parts = [
            sheet.thin(f"{table}/{name}", work(sheet, sheet.deployment.function(name)).invoked, per)
            if per <= 1
            else work(sheet, sheet.deployment.function(name)).invoked * per
            for name, per in sheet.deployment.table(table).writers
        ]
        return sum(parts, sheet.level(0.0))

    return sheet.once(("written", table), compute)


def through(sheet: Sheet, queue: Queue) -> Passage:
    """What passes through a queue that is not a dead-letter queue."""
    return sheet.once(("through", queue.name), lambda: _cut(sheet, queue))


def history(sheet: Sheet, queue: Queue) -> tuple[Sheet, Passage]:
    """The same passage with its run-up, and the longer sheet it belongs to."""
    whole = sheet.remembering()
    return whole, whole.once(("passage", queue.name), lambda: _passage(whole, queue))


def _cut(sheet: Sheet, queue: Queue) -> Passage:
    _, long = history(sheet, queue)
    return Passage(*(sheet.newest(getattr(long, field.name)) for field in fields(Passage)))


def _passage(sheet: Sheet, queue: Queue) -> Passage:
    arrivals = _arrivals(sheet, queue)
    room = sheet.count(f"{queue.name}/room", _capacity(sheet, queue))
    level = np.cumsum(arrivals - room)
    waiting = level - np.minimum(np.minimum.accumulate(level), 0.0)
    taken = arrivals + _before(waiting) - waiting
    failed = sheet.thin(f"{queue.name}/undigested", taken, _undigested(sheet, queue))
    once, twice = _before(failed), _before(failed, 2)
    failing = failed + once + twice
    given_up = _before(failed, RETRIES)
    back = _sent_back(sheet, queue, given_up)
    return Passage(
        sent=arrivals + back,
        received=taken + once + twice + back,
        deleted=taken - failed + back,
        failing=failing,
        given_up=given_up,
        sent_back=back,
        waiting=waiting,
        in_flight=failing,
        oldest_s=_age(sheet, queue, waiting, arrivals, failing),
    )


def _arrivals(sheet: Sheet, queue: Queue) -> Floats:
    if queue.rule:
        return matched(sheet, sheet.deployment.rule(queue.rule))
    rate = sheet.level(queue.rate * sheet.deployment.scale)
    if queue.hours is not None:
        hour = sheet.minutes // 60 % 24
        rate = np.where((hour >= queue.hours[0]) & (hour < queue.hours[1]), rate, 0.0)
    return sheet.count(f"{queue.name}/arrivals", rate)


def _capacity(sheet: Sheet, queue: Queue) -> Floats:
    usual = sheet.level(max(3.0 * pace(sheet, queue), 4.0))
    if queue.name not in PILED_UP:
        return usual
    return usual * (1.0 - 0.97 * sheet.strength(Kind.BACKLOG))


def pace(sheet: Sheet, queue: Queue) -> float:
    """Messages a minute at usual demand, from the description alone."""
    if not queue.rule:
        return queue.rate * sheet.deployment.scale
    rule = sheet.deployment.rule(queue.rule)
    routes = [r for a in sheet.deployment.apis for r in a.routes if r.function == rule.source]
    changing = [r for r in routes if r.method != "GET"] or routes
    return sum(r.rate for r in changing) * rule.share * sheet.deployment.scale


def _undigested(sheet: Sheet, queue: Queue) -> Floats:
    share = sheet.level(queue.poison)
    if queue.name in UNDIGESTED:
        share = share + 0.85 * sheet.strength(Kind.DLQ)
    return share


def _sent_back(sheet: Sheet, queue: Queue, given_up: Floats) -> Floats:
    """Messages that an operator sends back from the dead-letter queue, which then succeed."""
    if not queue.dead_letter:
        return sheet.level(0.0)
    lying = dead_letters(sheet, sheet.deployment.queue(queue.dead_letter), given_up)
    returned: Floats = np.where(redrive_beats(sheet, queue.dead_letter), _before(lying), 0.0)
    return returned


def redrive_beats(sheet: Sheet, name: str) -> np.ndarray:
    """True in the minutes at which a dead-letter queue is emptied."""
    every = sheet.deployment.queue(name).redrive_hours * 60
    beats: np.ndarray = (sheet.minutes - stream_of(name) % every) % every == 0
    return beats


def dead_letters(sheet: Sheet, queue: Queue, given_up: Floats) -> Floats:
    """Messages in a dead-letter queue at the end of each minute."""
    total = np.cumsum(given_up)
    beats = redrive_beats(sheet, queue.name)
    since = np.maximum.accumulate(np.where(beats, np.arange(len(beats)), 0))
    lying: Floats = total - np.where(since > 0, total[np.maximum(since - 1, 0)], 0.0)
    return lying


def _age(sheet: Sheet, queue: Queue, waiting: Floats, arrivals: Floats, failing: Floats) -> Floats:
    usual = max(pace(sheet, queue), 0.02)
    fresh = 1.0 + 3.0 * sheet.uniform(f"{queue.name}/age")
    age: Floats = np.where(
        waiting > 0,
        fresh + 60.0 * waiting / usual,
        np.where(failing > 0, 2.0 * queue.visibility, fresh),
    )
    return np.where((arrivals > 0) | (waiting > 0) | (failing > 0), np.floor(age), 0.0)


def _before(values: Floats, minutes: int = 1) -> Floats:
    """The values of some minutes earlier; nothing before the first."""
    earlier = np.zeros_like(values)
    earlier[minutes:] = values[:-minutes]
    return earlier
