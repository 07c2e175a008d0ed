"""What is stored already of traces that X-Ray of one place tells of.

A trace may have parts in several places; each place has revisions of its own part, and
whether that part is here is asked for the place too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.model.ids import Place
from app.store import TraceReader
from collectors.trace_choice import Summary, failed


@dataclass(frozen=True, slots=True)
class Known:
    """The revision of the part of a place, -1 if there is none; ``whole`` if its segments are here.

    ``elsewhere``: those of another place are; ``told_by`` are other places of which only the
    summary is. What applications or ``aws/spans`` sent does not count: it is here at no price,
    and would have X-Ray fetched for nearly every trace.
    """

    revision: int = -1
    whole: bool = False
    elsewhere: bool = False
    told_by: tuple[Place, ...] = ()

    @property
    def is_wanted_whole(self) -> bool:
        """Whether more than its summary is wanted, whatever it says: the rest is here too."""
        return self.whole or self.elsewhere

    def lacks(self, one: Summary) -> bool:
        """Whether a summary tells more than is stored; of a failed trace all has to be there."""
        return self.revision < one["Revision"] or (failed(one) and not self.whole)


def known_here(reader: TraceReader, place: Place, ids: Sequence[str]) -> dict[str, Known]:
    """What is stored of each of these traces, as X-Ray of ``place`` knows it."""
    rows = reader.traces(ids=ids).select(
        "trace_id", "spans", "revision", "account", "region", "views"
    )
    found = rows.collect(engine="streaming").iter_rows(named=True)
    known = {row["trace_id"]: _known(row, place) for row in found}
    return {id_: known.get(id_, Known()) for id_ in ids}


def _known(row: Mapping[str, Any], place: Place) -> Known:
    views = {Place(v["account"], v["region"]): v for v in _views(row)}
    own = views.get(place)
    return Known(
        revision=own["revision"] if own else -1,
        whole=bool(own and own["whole"]),
        elsewhere=any(view["whole"] for p, view in views.items() if p != place),
        told_by=tuple(p for p, view in views.items() if p != place and not view["whole"]),
    )


def _views(row: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    if row["views"] is not None:
        return list(row["views"])
    whole = row["spans"] > 0  # of a file without that column
    return [{name: row[name] for name in ("account", "region", "revision")} | {"whole": whole}]
