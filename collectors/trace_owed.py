"""Traces that are to be fetched whole and could not be at once; later reads ask for them again.

They are kept in the catalog, in the same commit as the summary that was stored instead, so
nothing is forgotten when the process ends, however it ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.model.rounds import Batch
from app.model.traces import OwedTrace, TraceDocuments

TRIES = 3
"""So often one is asked for again that X-Ray does not give."""

MOST = 10_000
"""Of one place; what comes beyond is told of, and not fetched. Beyond half of it only failed and
changed ones wait, so that others never take their room."""

KEPT_BY_XRAY = timedelta(days=30)


@dataclass(slots=True)
class Owed:
    """What is owed of one place during a read, as it is stored and as batches change it."""

    now: datetime
    left: dict[str, OwedTrace] = field(default_factory=dict)

    @classmethod
    def of(cls, stored: Iterable[OwedTrace], now: datetime) -> Owed:
        """What is stored, without what X-Ray no longer has."""
        return cls(now, {o.trace_id: o for o in stored if o.since > now - KEPT_BY_XRAY})

    def settled(
        self, batch: Batch, wanted: Iterable[OwedTrace], others: Iterable[OwedTrace] = ()
    ) -> Batch:
        """The batch with what it pays, and what is owed after it.

        ``wanted`` failed or have changed; ``others`` were slow or are drawn.
        """
        whole = {one.trace_id for one in batch.traces if one.whole}
        paid = [self.left.pop(id_) for id_ in whole & self.left.keys()]
        notes, owed = list(batch.notes), list[OwedTrace]()
        for some, most, which in ((wanted, MOST, _FAILED), (others, MOST // 2, _OTHERS)):
            more = [one for one in some if one.trace_id not in whole and self._is_new(one)]
            fitting = more[: max(0, most - len(self.left))]
            self.left |= {one.trace_id: one for one in fitting}
            owed += fitting
            if len(fitting) < len(more):
                notes.append(_TOO_MANY.format(len(more) - len(fitting), which, most))
        return replace(batch, traces_owed=owed, traces_settled=paid, notes=notes)

    def due(self, ids: Iterable[str], most: int) -> list[OwedTrace]:
        """Those of ``ids`` that are still owed and are asked for next.

        Failed and slow ones stand for few and come first, of the others the oldest.
        """
        left = [self.left[id_] for id_ in ids if id_ in self.left]
        return sorted(left, key=lambda one: (one.weight, one.since))[: max(0, most)]

    def tried(self, batch: Batch, asked: Sequence[OwedTrace], given: Collection[str]) -> Batch:
        """The batch of another try: who was not ``given`` is tried a few times more."""
        again, over = [], []
        for one in asked:
            self.left.pop(one.trace_id, None)
            if one.trace_id in given or one.tries + 1 >= TRIES:
                over.append(one)
            else:
                again.append(replace(one, tries=one.tries + 1))
        self.left |= {one.trace_id: one for one in again}
        return replace(batch, traces_owed=again, traces_settled=over)

    @property
    def note(self) -> str:
        """How many are left and since when; "" if none is."""
        if not self.left:
            return ""
        oldest = min(one.since for one in self.left.values())
        return _LEFT.format(len(self.left), f"{oldest:%Y-%m-%d %H:%M}")

    def _is_new(self, one: OwedTrace) -> bool:
        return one.trace_id not in self.left


def owed_of(one: TraceDocuments, now: datetime) -> OwedTrace:
    """A trace of which only the summary is there."""
    return OwedTrace(one.trace_id, one.place, now, weight=one.weight)


_LEFT = "{:,} traces are still to be fetched whole, the oldest since {} (UTC)"
_FAILED, _OTHERS = "failed or have changed", "were slow or belong to the share"
_TOO_MANY = (
    "{:,} traces that {} are not fetched whole and not asked for again: {:,} are waiting already"
)
