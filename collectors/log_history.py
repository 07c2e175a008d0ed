"""One slice of a group's past, part by part; the last part says what was read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from app.config import LogGroupSettings
from app.model.groups import logs_group
from app.model.logs import LogGroupKey
from app.model.rounds import Batch
from app.model.time import Window
from collectors.log_left import LeftOut
from collectors.log_reading import GroupReader
from collectors.log_rows import Rows, Shaper
from collectors.log_windows import covered


@dataclass(frozen=True, slots=True)
class SliceReader:
    """Reads slices of one place."""

    reader: GroupReader
    shaper: Shaper

    def batches(
        self, key: LogGroupKey, rule: LogGroupSettings, window: Window, final_before: datetime
    ) -> Iterator[Batch]:
        """A batch for each part; time before ``final_before`` is settled once it was read."""
        group = logs_group(key.name)
        left: list[pl.DataFrame] = []
        for part in self.reader.read(key.name, window):
            rows, told = Rows(), LeftOut()
            shaped = self.shaper.shape(key, rule, part.events)
            rows.add(shaped)
            left.append(shaped.left)
            told.add(key, pl.concat(left), part.read)
            series, frames = told.points()
            yield Batch(
                frames=frames,
                series=series,
                logs=rows.rows(),
                covered=[
                    each
                    for read in part.read
                    for each in covered(key.place, group, read, final_before)
                ],
                notes=(*part.notes, *rows.notes),
            )
