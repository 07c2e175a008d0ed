"""Alarms on one metric, judged all together: the vectorised part of a tick."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from alerts import grid
from alerts.asked import Reach, not_far_enough
from alerts.book import Book, Cohort
from alerts.cohort import Standing, changes
from alerts.points import Source
from alerts.verdict import INITIAL, Verdict
from app.model.alarms import AlarmStatus

_LOG = logging.getLogger(__name__)


def standing(book: Book, statuses: Mapping[str, AlarmStatus], now: datetime) -> Standing:
    """What is known of every alarm of a book before its first tick; new ones begin ``now``."""
    known = [statuses.get(watched.definition.id) for watched in book.watched]
    states = [grid.CODES[status.state] if status else grid.INSUFFICIENT_DATA for status in known]
    waits = {
        row: (status.since if status else now).timestamp()
        for row, (watched, status) in enumerate(zip(book.watched, known, strict=True))
        if watched.rule.warm_up is not None and (status is None or status.reason == INITIAL)
    }
    series = np.zeros(len(states), dtype=np.uint32)
    return Standing(series, np.array(states, dtype=np.int8), waits)


def judge(
    source: Source,
    book: Book,
    stands: Standing,
    reaches: Sequence[Reach],
    problems: dict[str, str],
    settling: int = 0,
) -> dict[int, Verdict]:
    """Verdicts of the alarms that change, by position in the book; adds to ``problems``.

    ``settling`` is how many seconds those that need whole counts are behind what was answered.
    """
    answered = np.array([round(each.end.timestamp()) for each in reaches], dtype=np.intp)
    ends = answered[book.scope_of] - np.where(book.waits, settling, 0)
    ready = _ready(book, reaches, ends, problems)
    verdicts: dict[int, Verdict] = {}
    for cohort in book.cohorts:
        rows = cohort.group.rows
        at = ends[rows]
        for end in np.unique(at[ready[rows]]):
            mask = ready[rows] & (at == end)
            verdicts |= _together(source, book, stands, (cohort, mask, int(end)), problems)
    return verdicts


def _together(
    source: Source,
    book: Book,
    stands: Standing,
    part: tuple[Cohort, grid.Bools, int],
    problems: dict[str, str],
) -> dict[int, Verdict]:
    cohort, mask, end = part
    try:
        return changes(source, book, cohort, mask, end, stands)
    except Exception:  # one alarm may spoil the arrays of all: find out which, judge the rest
        _LOG.exception("alarms of one shape failed together; judging them one by one")
    verdicts: dict[int, Verdict] = {}
    for position in np.flatnonzero(mask):
        alone = np.zeros(len(mask), dtype=bool)
        alone[position] = True
        try:
            verdicts |= changes(source, book, cohort, alone, end, stands)
        except Exception as error:  # recorded as this alarm's problem; the others go on
            id_ = book.watched[int(cohort.group.rows[position])].definition.id
            _LOG.exception("the evaluation of %s failed", id_)
            problems[id_] = f"The evaluation failed: {type(error).__name__}: {error}"
    return verdicts


def _ready(
    book: Book, reaches: Sequence[Reach], ends: grid.Index, problems: dict[str, str]
) -> grid.Bools:
    """Which alarms have everything they look at answered; the others get a problem.

    ``ends`` has one entry an alarm.
    """
    starts = np.array([round(each.start.timestamp()) for each in reaches], dtype=np.intp)
    late = np.array([bool(each.problem) for each in reaches], dtype=bool)
    looks_to = ends - ends % book.align - book.look_back
    short = looks_to < starts[book.scope_of]
    blocked = late[book.scope_of] | short
    for row in np.flatnonzero(blocked):
        scope, found = book.scopes[book.scope_of[row]], reaches[book.scope_of[row]]
        text = found.problem or not_far_enough(scope, found.start)
        problems[book.watched[row].definition.id] = text
    return ~blocked
