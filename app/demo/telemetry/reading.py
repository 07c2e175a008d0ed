"""GetMetricData: from a question to pages of points.

A page ends when it holds MaxDatapoints points; the token says where to go on
and at which moment the question was first asked, so that all pages tell of
the same state of the world.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from app.demo.refusal import Refused
from app.demo.telemetry.fields import Request, text
from app.demo.telemetry.questions import Query, Question, kept_for, question
from app.demo.telemetry.sources import Sources
from app.demo.telemetry.statistics import Slots
from app.demo.world.noise import Floats, Minutes
from app.model.ids import Place, SeriesKey

# Days of one-minute samples held at a time; keeps a question about a year small.
_STRETCH_S = 86_400
_PROPERTY = re.compile(r"\$\{PROP\('([^']+)'\)\}")


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """The points of one query on this page, in the order asked for."""

    id: str
    label: str
    at: Minutes
    values: Floats
    status: str = "Complete"
    messages: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One answer of GetMetricData."""

    results: list[Points] = field(default_factory=list)
    token: str = ""


@dataclass(frozen=True, slots=True)
class _Token:
    query: int
    point: int
    now_s: float
    mark: str

    def written(self) -> str:
        plain = json.dumps([self.query, self.point, self.now_s, self.mark])
        return base64.urlsafe_b64encode(plain.encode()).decode()

    @classmethod
    def of(cls, text: str) -> _Token:
        try:
            query, point, now_s, mark = json.loads(base64.urlsafe_b64decode(text))
            return cls(int(query), int(point), float(now_s), str(mark))
        except (ValueError, TypeError):
            raise Refused("InvalidNextToken", "The next token is not valid.") from None


def metric_data(
    sources: Sources, place: Place, request: Request, now_s: float, delay_s: float = 0.0
) -> Page:
    """One page of GetMetricData."""
    given = text(request.get("NextToken"))
    token = _Token.of(given) if given else _Token(0, 0, now_s, "")
    asked = question(place, request, token.now_s)
    if given and token.mark != _mark(asked):
        raise Refused("InvalidNextToken", "The next token belongs to another request.")
    return _page(_Answers(sources, asked, token.now_s, delay_s), asked, token)


def _page(answers: _Answers, asked: Question, token: _Token) -> Page:
    results: list[Points] = []
    room, skip = asked.most_points, token.point
    for number in range(token.query, len(asked.queries)):
        at, values = answers.points(number)
        end = min(len(at), skip + room)
        query = asked.queries[number]
        status = "Complete" if end == len(at) else "PartialData"
        results.append(Points(query.id, _label(query), at[skip:end], values[skip:end], status))
        room -= end - skip
        if end < len(at):
            return Page(results, _Token(number, end, token.now_s, _mark(asked)).written())
        if not room and number + 1 < len(asked.queries):
            return Page(results, _Token(number + 1, 0, token.now_s, _mark(asked)).written())
        skip = 0
    return Page(results)


def _mark(asked: Question) -> str:
    """Tells one request from another: a token is good for its own only."""
    plain = repr((asked.queries, asked.start_s, asked.end_s, asked.newest_first))
    return hashlib.blake2b(plain.encode(), digest_size=9).hexdigest()


class _Answers:
    """The points of each query; queries of one series and period share its samples."""

    def __init__(self, sources: Sources, asked: Question, now_s: float, delay_s: float) -> None:
        self._sources, self._asked = sources, asked
        self._now_s, self._delay_s = now_s, delay_s
        self._stretches: dict[tuple[SeriesKey, int], list[Slots]] = {}

    def points(self, number: int) -> tuple[Minutes, Floats]:
        """Stamps and values of a query, in the order asked for."""
        query = self._asked.queries[number]
        slots = self._stretches.get((query.key, query.period))
        if slots is None:
            slots = list(self._slots(query))
            self._stretches[query.key, query.period] = slots
        if not slots:
            return np.empty(0, dtype=np.int64), np.empty(0)
        at = np.concatenate([s.starts for s in slots])
        values = np.concatenate([s.values(query.statistic) for s in slots])
        return (at[::-1], values[::-1]) if self._asked.newest_first else (at, values)

    def _slots(self, query: Query) -> Iterator[Slots]:
        period = query.period
        oldest = int(self._now_s) - kept_for(period)
        start = max(self._asked.start_s // period * period, -(-oldest // period) * period)
        end = -(-int(np.ceil(self._asked.end_s)) // period) * period
        stretch = max(_STRETCH_S // period, 1) * period
        while start < end:
            until = min((start // stretch + 1) * stretch, end)
            samples = self._sources.samples(query.key, start, until, self._now_s, self._delay_s)
            if samples is not None and len(samples):
                yield Slots.of(samples, period)
            start = until


def _label(query: Query) -> str:
    """The label: as given, with its properties filled in, else the name of the metric."""
    known = {
        "MetricName": query.key.metric,
        "Namespace": query.key.namespace,
        "Stat": query.statistic.name,
        "Period": str(query.period),
        "AccountId": query.key.account,
        "Region": query.key.region,
        **{f"Dim.{name}": value for name, value in query.key.dimensions},
    }
    return (
        _PROPERTY.sub(lambda found: known.get(found[1], found[0]), query.label) or query.key.metric
    )
