"""A threshold out of a series' own history, with the reason in words.

The idea: an alarm that would have fired more than once a week over a history that people
lived with is too tight, and one far above everything usual finds nothing. So of the round
numbers beyond what is usual, the nearest is taken at which the alarm, with its own M of N,
would have fired at most once a week.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from app.model import written

Values = npt.NDArray[np.float64]

LEAST = timedelta(days=1)
"""How much history a suggestion needs."""

_STEPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
_HEADROOM = 1.2
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the alarm does with its points: ``above`` tells the direction, ``strict`` > from ≥.

    ``open`` is whether the threshold is a matter of load, and not of a limit.
    """

    period_s: int
    n: int
    m: int
    above: bool
    strict: bool
    threshold: float
    unit: str
    open: bool = True


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``threshold`` is None where history has nothing to say; ``why`` is said always.

    ``fired`` counts how often the alarm would have fired at it, ``now_fired`` at the
    threshold that it has now.
    """

    threshold: float | None
    why: str
    fired: int = 0
    now_fired: int = 0


def suggest(values: Values, asked: Asked) -> Suggestion:
    """The suggestion for one alarm from its values, one a period, gaps as NaN."""
    known = values[~np.isnan(values)]
    length = timedelta(seconds=asked.period_s) * len(known)
    if length < LEAST:
        told = f"only {written.length(length)} of values" if len(known) else "no values"
        return Suggestion(None, f"There are {told} so far; a suggestion needs a day of them.")
    levels = _levels(values, asked)
    now_fired = _episodes(levels, asked.threshold, asked)
    usual = _usual(known, asked)
    if not asked.open:
        told = "The catalogue's threshold is a limit and not a matter of load."
        return Suggestion(None, f"{told} {usual} {_now(now_fired, asked)}", 0, now_fired)
    if (known == known[0]).all():
        return _unvarying(float(known[0]), asked, now_fired, usual)
    most = max(1, round(timedelta(seconds=asked.period_s) * len(values) / _WEEK))
    for candidate in _candidates(known, asked):
        fired = _episodes(levels, candidate, asked)
        if fired <= most:
            why = f"{usual} {_would(candidate, fired, asked)} {_now(now_fired, asked)}"
            return Suggestion(candidate, why, fired, now_fired)
    return Suggestion(None, f"{usual} No round number would have been quiet enough.", 0, now_fired)


def _unvarying(value: float, asked: Asked, now_fired: int, usual: str) -> Suggestion:
    """A series that never moved: anything else is unusual."""
    if value == 0 and asked.above:
        threshold = 0.0 if asked.strict else 1.0
        why = f"{usual} Anything above is unusual. {_now(now_fired, asked)}"
        return Suggestion(threshold, why, 0, now_fired)
    return Suggestion(None, f"{usual} {_now(now_fired, asked)}", 0, now_fired)


def _levels(values: Values, asked: Asked) -> Values:
    """For each run of N slots the value that the threshold has to pass for the alarm to fire.

    That is the M-th greatest (or smallest); a gap never breaches.
    """
    worst = np.where(np.isnan(values), -np.inf, values if asked.above else -values)
    if len(worst) < asked.n:
        return np.empty(0)
    windows = np.lib.stride_tricks.sliding_window_view(worst, asked.n)
    if asked.m == asked.n:
        return np.asarray(windows.min(axis=1))
    return np.asarray(np.partition(windows, asked.n - asked.m, axis=1)[:, asked.n - asked.m])


def _episodes(levels: Values, threshold: float, asked: Asked) -> int:
    """How often the alarm would have gone into ALARM."""
    limit = threshold if asked.above else -threshold
    firing = levels > limit if asked.strict else levels >= limit
    if not len(firing):
        return 0
    return int(firing[0]) + int(np.count_nonzero(firing[1:] & ~firing[:-1]))


def _candidates(known: Values, asked: Asked) -> list[float]:
    """Round numbers beyond what is usual, the nearest first."""
    share = np.quantile(known, 0.99 if asked.above else 0.01)
    edge = float(share) * (_HEADROOM if asked.above else 1 / _HEADROOM)
    far = float(known.max() * _HEADROOM if asked.above else known.min() / _HEADROOM)
    rounds = _rounds(max(abs(edge), abs(far), 1e-9))
    if asked.unit == "count" and (known == np.floor(known)).all():
        rounds = [each for each in rounds if each.is_integer()]
    if asked.above:
        return [each for each in rounds if edge <= each]
    return [each for each in reversed(rounds) if 0 < each <= edge]


def _rounds(most: float) -> list[float]:
    """Round numbers from far below up to beyond ``most``."""
    top = int(np.floor(np.log10(most))) + 1
    exponents = range(top - 12, top + 1)
    return [float(f"{step}e{exponent}") for exponent in exponents for step in _STEPS]


def _usual(known: Values, asked: Asked) -> str:
    """What the history looked like."""
    length = written.length(timedelta(seconds=asked.period_s) * len(known))
    if (known == known[0]).all():
        return f"In {length} of values it always was {_value(known[0], asked)}."
    half = _value(np.quantile(known, 0.5), asked)
    most = _value(np.quantile(known, 0.99 if asked.above else 0.01), asked)
    edge = _value(known.max() if asked.above else known.min(), asked)
    if asked.above:
        return (
            f"In {length} of values half were at or below {half}, "
            f"99 % at or below {most}, the highest was {edge}."
        )
    return (
        f"In {length} of values half were at or above {half}, "
        f"99 % at or above {most}, the lowest was {edge}."
    )


def _would(threshold: float, fired: int, asked: Asked) -> str:
    side = "Above" if asked.above else "Below"
    return f"{side} {_value(threshold, asked)} the alarm would {_fired(fired)}."


def _now(fired: int, asked: Asked) -> str:
    return f"At {_value(asked.threshold, asked)} it would {_fired(fired)}."


def _fired(count: int) -> str:
    if not count:
        return "never have fired"
    return "have fired " + {1: "once", 2: "twice"}.get(count, f"{count} times")


def _value(value: float, asked: Asked) -> str:
    return written.value(float(value), asked.unit)
