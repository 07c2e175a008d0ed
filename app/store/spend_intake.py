"""A statement of millions of rows, written piece by piece and listed all at once.

Writing takes many seconds, so it happens outside the transaction that lists the
segments; until then they have no names and are nobody's.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import polars as pl

from app.model.errors import StoreError
from app.model.spend import (
    SPEND_ROWS,
    CostMetric,
    SpendStatement,
    StagedPart,
    StagedSpend,
)
from app.model.time import Window
from app.store.files import SegmentFiles
from app.store.segments import Level, Segment
from app.store.spend_encode import (
    check_head,
    check_rows,
    encode,
    hourly,
    of_part,
    only_account,
    resolution,
)
from app.store.spend_rolling import PARTS, Rolling


class Intake:
    """Takes the rows of ``head`` in pieces; those are checked like any statement's."""

    def __init__(self, files: SegmentFiles, head: SpendStatement, first_id: int) -> None:
        self._name = f"a statement of {head.source} by {', '.join(head.cut)}"
        check_head(self._name, head)
        self._files, self._head, self._ids = files, head, iter(range(first_id, first_id + PARTS))
        self._own = next(self._ids)
        self._rolling = Rolling(head.cut, head.window.start)
        self._segments: list[Segment] = []
        self._staged: list[str] = []
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="spend-intake")
        self._writing: Future[Segment] | None = None
        self._told: frozenset[CostMetric] | None = None
        self._hourly, self._rows = 0, 0
        self._account: str | None = None

    def add(self, rows: pl.DataFrame) -> None:
        """Take some rows, which are written at once."""
        rows = rows.select(
            pl.col(column).cast(kind, strict=True) for column, kind in SPEND_ROWS.items()
        )
        if rows.is_empty():
            return
        check_rows(self._name, self._head.cut, rows, self._head.window)
        told = frozenset(m for m in CostMetric if rows[m.value].null_count() < rows.height)
        if self._told not in (None, told):
            raise ValueError(f"{self._name} tells other amounts in some of its pieces")
        self._told = told
        self._hourly += hourly(rows)
        self._rows += rows.height
        self._account = only_account(rows, self._account)
        # Written while the next piece is read; one at a time, so that memory stays bounded.
        self._wait()
        self._writing = self._writer.submit(self._written, rows, self._own)
        self._rolling.add(rows)

    def finished(
        self, window: Window | None = None, whole_until: datetime | None = None
    ) -> StagedSpend:
        """All of it, ready to be listed by a commit; ``window`` may reach less far than said."""
        until = whole_until or self._head.whole_until
        head = replace(self._head, window=window or self._head.window, whole_until=until)
        check_head(self._name, head)
        self._wait()
        segments = tuple(self._segments)
        period = resolution(self._hourly, self._rows)
        parts = [StagedPart(self._own, head.cut, period, self._rows, segments)]
        for one in self._rolling.parts():
            number = next(self._ids)
            written = (self._written(one.rows, number),)
            parts.append(StagedPart(number, one.cut, one.period, one.rows.height, written))
        self._writer.shutdown()
        tells = self._told if self._told is not None else head.tells
        return StagedSpend(replace(head, tells=tells), tuple(parts), self._account)

    def discard(self) -> None:
        """Remove what was written; nobody will list it."""
        self._writer.shutdown()
        for name in self._staged:
            try:
                self._files.delete(name)
            except StoreError:
                continue  # The next start clears it up.

    def _wait(self) -> None:
        """Until the piece before is written; raises what went wrong with it."""
        if self._writing is not None:
            writing, self._writing = self._writing, None
            self._segments.append(writing.result())

    def _written(self, rows: pl.DataFrame, part: int) -> Segment:
        encoded, _ = encode(of_part(rows, part), Level.SEALED, 0)
        self._staged.append(encoded.segment.path)
        self._files.stage(encoded.segment.path, encoded.content)
        return encoded.segment
