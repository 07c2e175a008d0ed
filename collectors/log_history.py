"""One slice of a group's past, part by part; the last part says what was read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from app.config import LogKeepSettings
from app.model.groups import logs_group
from app.model.logs import LogGroupKey
from app.model.rounds import Batch
from app.model.time import Window
from collectors.log_batch import Gathering
from collectors.log_metrics import LogMetrics
from collectors.log_reading import GroupReader
from collectors.log_shape import Shaper
from collectors.log_windows import covered


@dataclass(frozen=True, slots=True)
class SliceReader:
    """Reads slices of one place."""

    reader: GroupReader
    shaper: Shaper
    metrics: LogMetrics

    def batches(
        self, key: LogGroupKey, rule: LogKeepSettings, window: Window, final_before: datetime
    ) -> Iterator[Batch]:
        """A batch for each part; time before ``final_before`` is settled once it was read."""
        group = logs_group(key.name)
        left: list[pl.DataFrame] = []
        for part in self.reader.read(key.name, window):
            gathered = Gathering(self.metrics)
            shaped = self.shaper.shape(key, rule, part.events)
            gathered.add(shaped)
            left.append(shaped.left)
            gathered.leave_out(key, left, part.read)
            for read in part.read:
                gathered.covered += covered(key.place, group, read, final_before)
            gathered.notes |= dict.fromkeys(part.notes)
            yield gathered.batch()
