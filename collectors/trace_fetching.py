"""Fetching whole traces, five at a time, which is all that BatchGetTraces takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from app.aws import Aws
from app.model.errors import OverBudget
from app.model.ids import Place
from app.model.traces import Flaw, OwedTrace, Problem, TraceDocuments, TraceSource
from collectors.trace_choice import Summary

AT_ONCE = 5


@dataclass(slots=True)
class Fetched:
    """Documents of traces by id, and those of which X-Ray dropped segments.

    With ``held_back`` not all were asked for.
    """

    documents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    held_back: bool = False

    def again(self, owed: OwedTrace) -> TraceDocuments:
        """What is handed over of one that was owed; its summary is stored already."""
        return TraceDocuments(
            trace_id=owed.trace_id,
            place=owed.place,
            source=TraceSource.XRAY,
            documents=self.documents[owed.trace_id],
            whole=True,
            problems=self._problems(owed.trace_id),
            weight=owed.weight,
        )

    def _problems(self, trace_id: str) -> tuple[Problem, ...]:
        return (Problem(Flaw.LIMIT_EXCEEDED),) if trace_id in self.cut else ()

    def of(self, place: Place, summary: Summary, weight: float) -> TraceDocuments:
        """What is handed over of one trace: with its documents, if they were fetched."""
        id_ = summary["Id"]
        return TraceDocuments(
            trace_id=id_,
            place=place,
            source=TraceSource.XRAY,
            documents=self.documents.get(id_, ()),
            whole=id_ in self.documents,
            summary=summary,
            problems=self._problems(id_),
            weight=weight,
        )


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Asks for whole traces; those that are not processed are asked for once more."""

    aws: Aws
    collector: str

    def fetch(self, place: Place, ids: Iterable[str]) -> tuple[Fetched, list[str]]:
        """The traces that were given, and what is to be said of the others; what the month's
        limit or the budget holds back is one of them."""
        wanted, found = list(ids), Fetched()
        try:
            left = wanted
            for _ in range(2):
                left = [id_ for some in _fives(left) for id_ in self._ask(place, some, found)]
        except OverBudget as refused:
            # The summaries are paid for already, and are kept.
            held, found.held_back = len(wanted) - len(found.documents), True
            return found, [f"{held} traces are not fetched whole: {refused.message}"]
        notes = [f"{len(left)} traces were not given by X-Ray; only their summaries are kept"]
        return found, notes if left else []

    def _ask(self, place: Place, ids: Sequence[str], found: Fetched) -> list[str]:
        params = {"TraceIds": list(ids)}
        segments: dict[str, list[str]] = {}
        left: list[str] = []
        pages = self.aws.pages(place, "xray", "BatchGetTraces", params, collector=self.collector)
        for page in pages:
            left += page.get("UnprocessedTraceIds") or ()
            for trace in page.get("Traces") or ():
                own = segments.setdefault(trace["Id"], [])
                own += [one["Document"] for one in trace.get("Segments") or ()]
                if trace.get("LimitExceeded"):
                    found.cut.add(trace["Id"])
        found.documents |= {id_: tuple(own) for id_, own in segments.items()}
        return left


def _fives(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]
