"""Carrying out a merge of log segments: one slice of time after the other, few at a time in memory.

The slices are cut so that each has about as many rows as wanted and none
crosses a day. Nothing is superseded here, because no event is stored twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.model.logs import EVENT_COLUMNS, FIELD, FieldInfo, FieldKind, ReadFields, spelled
from app.store.files import SegmentFiles
from app.store.log_encode import encode, in_order
from app.store.log_facts import LogFacts
from app.store.log_planning import LARGE, RECENT, SMALL, LogMerge, weight
from app.store.log_union import United, may_hide, united
from app.store.segments import Encoded, Segment

STEP_MS = 10_000
"""Slices are cut at whole multiples of this."""

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalog knows of the inputs of a merge, and of the groups in them."""

    facts: Mapping[int, LogFacts]
    groups: Mapping[int, str]


def merged(
    files: SegmentFiles, merge: LogMerge, known: Known, read_fields: ReadFields | None = None
) -> Iterator[Encoded]:
    """The new segments, oldest first.

    ``read_fields`` completes columns of frequent fields where an input has none;
    without it such a field has no column afterwards.
    """
    seq = max(s.bounds.seq[1] for s in merge.inputs)
    for span in slices(*_density(files, merge.inputs), merge):
        inputs = [s for s in merge.inputs if s.bounds.at[0] < span[1] and s.bounds.at[1] >= span[0]]
        fields = united([(s.rows, known.facts[s.id]) for s in inputs], complete=bool(read_fields))
        parts = (_part(files, s, known.facts[s.id], fields, span) for s in inputs)
        if read_fields is not None:
            parts = (_completed(part, fields, known.groups, read_fields) for part in parts)
        # Nothing here has a name: the rows of one slice are gone before the next is read.
        yield encode(*_joined(list(parts), fields), merge.level, seq, more=fields.more)


def slices(
    steps: NDArray[np.int64], weights: NDArray[np.float64], merge: LogMerge
) -> list[tuple[int, int]]:
    """Half-open stretches of time (ms) for segments, oldest first; each has events.

    ``steps`` are the starts of stretches of :data:`STEP_MS` that hold events of ``weights``.
    """
    found: list[tuple[int, int]] = []
    end, held, done = int(steps[-1]) + STEP_MS, 0.0, 0.0
    forced = np.array(merge.cuts, dtype=np.int64)
    for at in range(len(steps) - 1, -1, -1):
        start = int(steps[at])
        most = SMALL if merge.newest and done < RECENT else LARGE
        cut = _cut_between(start, int(steps[at + 1]) if at + 1 < len(steps) else start, forced)
        if held and (cut is not None or held + weights[at] > most):
            begin = start + STEP_MS if cut is None else cut
            found.append((begin, end))
            end, done, held = begin, done + held, 0.0
        held += weights[at]
    found.append((int(steps[0]), end))
    return found[::-1]


def _cut_between(start: int, following: int, forced: NDArray[np.int64]) -> int | None:
    """Where a slice must end between two stretches: a day or one of ``forced``."""
    day = following // DAY_MS * DAY_MS
    if start < day <= following:
        return day
    between = forced[(forced > start) & (forced <= following)]
    return -(-int(between[-1]) // STEP_MS) * STEP_MS if len(between) else None


def _density(
    files: SegmentFiles, inputs: Sequence[Segment]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Which stretches of time hold events, and how many usual rows each counts for."""
    total: defaultdict[int, float] = defaultdict(float)
    for segment in inputs:
        at = _scan(files, segment).select(pl.col("at").to_physical() // STEP_MS).collect()
        steps, counts = np.unique(at["at"].to_numpy(), return_counts=True)
        share = weight(segment) / segment.rows
        for step, count in zip(steps.tolist(), counts.tolist(), strict=True):
            total[step * STEP_MS] += count * share
    steps = np.array(sorted(total), dtype=np.int64)
    return steps, np.array([total[step] for step in steps.tolist()])


def _scan(files: SegmentFiles, segment: Segment) -> pl.LazyFrame:
    paths = files.locations([segment.path])
    return pl.scan_parquet(paths, glob=False, hive_partitioning=False, cache=False)


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of one input with the kinds of its columns, and which fields may lack one."""

    rows: pl.DataFrame
    kinds: Mapping[str, FieldKind]
    lacking: Sequence[str]


def _part(
    files: SegmentFiles, segment: Segment, facts: LogFacts, fields: United, span: tuple[int, int]
) -> _Part:
    """The rows of an input in a half-open stretch of time."""
    kinds = {
        name: info.kind
        for name, info in facts.fields.items()
        if info.column and name in fields.columns
    }
    found = _scan(files, segment).select(*EVENT_COLUMNS, *(f"{FIELD}{name}" for name in kinds))
    if segment.bounds.at[0] < span[0] or segment.bounds.at[1] >= span[1]:
        start, end = (pl.lit(ms).cast(EVENT_COLUMNS["at"]) for ms in span)
        found = found.filter((pl.col("at") >= start) & (pl.col("at") < end))
    lacking = sorted(name for name in fields.columns if may_hide(facts, name))
    return _Part(found.collect(engine="streaming"), kinds, lacking)


def _completed(
    part: _Part, fields: United, groups: Mapping[int, str], read_fields: ReadFields
) -> _Part:
    """With a column for each field that some message may hold."""
    if not part.lacking:
        return part
    names = part.rows["group"].replace_strict(dict(groups), return_dtype=pl.String)
    found = read_fields(part.rows["message"], names.to_list(), part.lacking)
    columns = [column for _, column in found.values()]
    kinds = {name: kind for name, (kind, _) in found.items()}
    return _Part(part.rows.hstack(columns), {**part.kinds, **kinds}, ())


def _joined(parts: Sequence[_Part], fields: United) -> tuple[pl.DataFrame, dict[str, FieldInfo]]:
    """All rows in order, each field with one type."""
    infos = dict(fields.infos)
    for name in fields.columns:
        kinds = {part.kinds[name] for part in parts if name in part.kinds}
        kind = kinds.pop() if len(kinds) == 1 else FieldKind.MIXED
        infos[name] = replace(infos[name], kind=kind)
    frames = [
        part.rows.select(
            *EVENT_COLUMNS,
            *(_column(name, infos[name].kind, part.kinds.get(name)) for name in fields.columns),
        )
        for part in parts
    ]
    return in_order(pl.concat(frames)), infos


def _column(name: str, kind: FieldKind, there: FieldKind | None) -> pl.Expr:
    column = f"{FIELD}{name}"
    if there is None:
        return pl.lit(None, dtype=kind.dtype).alias(column)
    if there is kind or kind is not FieldKind.MIXED:
        return pl.col(column)
    return spelled(pl.col(column), there).alias(column)
