"""A bill's files into statements of the store: one for each payer, listed all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl

from app.model.spend import (
    LINE_ITEMS,
    SPEND_ROWS,
    WHOLE_AFTER,
    SpendSource,
    SpendStatement,
    StagedSpend,
)
from app.model.time import Window, floor
from app.store import Intake, Store
from collectors import bill_rows
from collectors.bill_files import BillFile
from collectors.log_unpacking import Unreadable

DAY = timedelta(days=1)
Progress = Callable[[int], None]


@dataclass(slots=True)
class Bill:
    """The files of one bill as they are taken; ``window`` is what it may reach over."""

    store: Store
    window: Window
    read_at: datetime
    progress: Progress = lambda rows: None
    rows: int = 0
    _intakes: dict[str, Intake] = field(default_factory=dict)
    _source: SpendSource | None = None
    _last: datetime | None = None
    _is_final: bool = True

    def take(self, file: BillFile) -> None:
        """Take all lines of a file."""
        source = file.form.meaning.source
        if self._source not in (None, source):
            raise Unreadable(f"{file.name} is of another kind than the files before it")
        self._source = source
        for lines in file.lines():
            try:
                self._add(lines, file)
            except (ValueError, pl.exceptions.PolarsError) as error:
                raise Unreadable(f"{file.name} holds what no bill does: {error}") from error

    def _add(self, lines: pl.DataFrame, file: BillFile) -> None:
        payers = bill_rows.payers(lines, file.form)
        made = bill_rows.rows(lines, file.form, self.window)
        for payer in payers.unique().sort().to_list():
            self._intake(payer).add(made.filter(payers == payer))
        self._note(made, file)

    def finished(self) -> list[StagedSpend]:
        """The statements, ready to be committed."""
        window, whole_until = self._reached()
        return [intake.finished(window, whole_until) for intake in self._intakes.values()]

    def discard(self) -> None:
        """Remove what was written; the bill could not be taken."""
        for intake in self._intakes.values():
            intake.discard()

    def _note(self, made: pl.DataFrame, file: BillFile) -> None:
        self.rows += made.height
        tells_invoices = file.form.meaning.invoice in file.form.names
        self._is_final &= tells_invoices and not made["estimated"].any()
        newest = made["at"].max()
        if isinstance(newest, datetime):
            self._last = max(self._last or newest, newest)
        self.progress(self.rows)

    def _intake(self, payer: str) -> Intake:
        found = self._intakes.get(payer)
        if found is None:
            assert self._source is not None  # noqa: S101 - a file has been begun
            empty = pl.DataFrame(schema=dict(SPEND_ROWS))
            head = SpendStatement(self._source, payer, LINE_ITEMS, self.window, self.read_at, empty)
            found = self._intakes[payer] = self.store.spend.intake(head)
        return found

    def _reached(self) -> tuple[Window, datetime]:
        """The days that the bill tells, and until when they are whole.

        A final bill tells its whole month, and so does one that was written after the month
        and has charges of the last day. Any other ends with its last charge, whose day is
        still filling: lines of a day arrive over many hours. When a file was written says
        little, for it may be a copy.
        """
        whole = self.window
        if self._last is None or self._is_final:
            return whole, whole.end
        day = floor(self._last, DAY)
        if day + DAY >= whole.end and self.read_at >= whole.end + WHOLE_AFTER:
            return whole, whole.end
        filling = min(day, floor(self.read_at - WHOLE_AFTER, DAY))
        reached = Window(whole.start, min(whole.end, day + DAY))
        return reached, max(whole.start, filling)


def taken(
    store: Store,
    files: Iterable[BillFile],
    window: Window,
    read_at: datetime,
    progress: Progress = lambda rows: None,
) -> tuple[list[StagedSpend], int]:
    """The statements of a bill and how many lines it has; nothing is left if that fails."""
    bill = Bill(store, window, read_at, progress)
    try:
        for file in files:
            bill.take(file)
        return bill.finished(), bill.rows
    except BaseException:  # no file may stay behind, however it ended; raised again
        bill.discard()
        raise


def around(files: Iterable[BillFile]) -> Window | None:
    """The months that the lines of some files are of."""
    found = [days for file in files if (days := file.days()) is not None]
    if not found:
        return None
    return Window(min(days.start for days in found), max(days.end for days in found))
