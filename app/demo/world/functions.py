"""Metrics of Lambda functions: AWS/Lambda."""

from __future__ import annotations

import numpy as np

from app.demo.world.flows import Work, dropped, uses_slow_table, work
from app.demo.world.incidents import Kind
from app.demo.world.naming import Published, prefixed
from app.demo.world.noise import Floats
from app.demo.world.platform import Function
from app.demo.world.samples import (
    Samples,
    count,
    each_one,
    gauge,
    merged,
    skewed,
    zero_or_one,
)
from app.demo.world.sheet import Sheet

NAMESPACE = "AWS/Lambda"
ACCOUNT_LIMIT = 1000
_ACCOUNT_WIDE = ("Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions")


def function_metrics(sheet: Sheet, function: Function) -> Published:
    """Everything one function publishes, under its name and under its alias."""
    measured = _known(sheet, function)
    published = prefixed(NAMESPACE, {"FunctionName": function.name}, measured)
    if function.alias:
        resource = {"FunctionName": function.name, "Resource": f"{function.name}:{function.alias}"}
        published |= prefixed(NAMESPACE, resource, measured)
    return published


def account_metrics(sheet: Sheet) -> Published:
    """The sums over all functions, which carry no dimension."""
    functions = sheet.deployment.functions
    each = [_known(sheet, function) for function in functions]
    summed = {name: merged([m[name] for m in each]) for name in _ACCOUNT_WIDE}
    running = sum((_running(sheet, f, work(sheet, f)) for f in functions), sheet.level(0.0))
    reserved = sum(f.reserved or 0 for f in functions)
    there = running > 0
    summed["UnreservedConcurrentExecutions"] = gauge(sheet.minutes, np.ceil(running), there)
    summed["ClaimedAccountConcurrency"] = gauge(sheet.minutes, np.ceil(running) + reserved, there)
    return prefixed(NAMESPACE, {}, summed)


def _known(sheet: Sheet, function: Function) -> dict[str, Samples]:
    return sheet.once(("lambda", function.name), lambda: _measured(sheet, function))


def _measured(sheet: Sheet, function: Function) -> dict[str, Samples]:
    done, m = work(sheet, function), sheet.minutes
    middle = milliseconds(sheet, function)
    running = np.maximum(np.ceil(_running(sheet, function, done) * 1.6), 1.0)
    if function.reserved is not None:
        running = np.where(done.throttled > 0, float(function.reserved), running)
        running = np.minimum(running, float(function.reserved))
    measured = {
        "Invocations": each_one(m, done.invoked),
        "Errors": zero_or_one(m, done.invoked, done.failed),
        "Throttles": zero_or_one(m, done.offered, done.throttled),
        "Duration": skewed(
            m, done.invoked, middle, function.sigma, sheet.normal(f"{function.name}/duration")
        ),
        "ConcurrentExecutions": gauge(m, running, done.invoked > 0),
    }
    return measured | _asynchronous(sheet, function, done)


def _asynchronous(sheet: Sheet, function: Function, done: Work) -> dict[str, Samples]:
    kind = function.source.partition(":")[0]
    if kind == "stream":
        late = 180.0 + 400.0 * sheet.uniform(f"{function.name}/iterator")
        late = late + 90_000.0 * sheet.strength(Kind.ERRORS) * sheet.progress(Kind.ERRORS)
        return {"IteratorAge": gauge(sheet.minutes, np.floor(late), done.invoked > 0)}
    if kind not in {"rule", "bucket"}:
        return {}
    age = 40.0 + 120.0 * sheet.uniform(f"{function.name}/age")
    measured = {
        "AsyncEventsReceived": each_one(sheet.minutes, done.offered),
        "AsyncEventAge": gauge(sheet.minutes, np.floor(age), done.offered > 0),
    }
    if function.errors >= 1.0:
        lost = dropped(sheet, function)
        measured["AsyncEventsDropped"] = count(sheet.minutes, lost, absent_when_zero=True)
    return measured


def milliseconds(sheet: Sheet, function: Function) -> Floats:
    """The median time of an invocation: longer under load, much longer behind a slow table."""
    load = np.maximum(sheet.demand / sheet.deployment.scale - 1.0, 0.0)
    slower = 1.0 + 0.35 * load + 0.08 * sheet.smooth(f"{function.name}/pace", 45)
    if uses_slow_table(sheet, function):
        slower = slower + 5.0 * sheet.strength(Kind.TABLE)
    capped: Floats = np.minimum(function.milliseconds * slower, function.timeout * 400.0)
    return np.round(capped, 2).astype(np.float64)


def _running(sheet: Sheet, function: Function, done: Work) -> Floats:
    """Instances busy at once, by Little's law."""
    busy: Floats = done.invoked * milliseconds(sheet, function) * 1.2 / 60_000.0
    return busy
