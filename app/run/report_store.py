"""What ``store`` tells: it opens the store beside the running processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from app.config import Settings
from app.model.errors import StoreError
from app.query.insights.shred import read_fields
from app.run import show
from app.run.clock import utc_now
from app.run.exits import Exit
from app.run.leader import Leadership
from app.store import Store, Verified, open_store


def store_stats(settings: Settings, *, json: bool) -> None:
    """Tell how much of everything there is."""
    with opened(settings) as store:
        stats = store.upkeep.stats()
    if json:
        show.as_json(stats)
        return
    columns = ("table", "rows", "bytes", "bytes/row", "segments", "oldest", "newest")
    cells = [
        (
            t.table,
            f"{t.rows:,}",
            f"{t.bytes:,}",
            f"{t.bytes_per_row:.1f}",
            t.fresh + t.merged + t.sealed,
            _at(t.oldest),
            _at(t.newest),
        )
        for t in stats.tables
    ]
    show.table(columns, cells, empty="There are no tables.")
    left = ("series", "resources", "rounds", "transitions", "waiting_segments")
    counts = {name: f"{getattr(stats, name):,}" for name in (*left, "quarantined_segments")}
    show.definitions({**counts, "writer": stats.writer or "none"})


def store_verify(settings: Settings, *, set_aside: bool, json: bool) -> int:
    """Read every segment; tell those that are damaged, and with ``set_aside`` move them away."""
    with opened(settings) as store:
        verified = store.upkeep.verify(utc_now() if set_aside else None)
    if json:
        show.as_json({"ok": verified.ok, **show.plain(verified)})
    else:
        cells = [(d.path, d.rows, d.problem) for d in verified.damaged]
        empty = f"{verified.segments:,} segments, {verified.bytes:,} bytes: all in order."
        show.table(("segment", "rows", "problem"), cells, empty=empty)
        if verified.damaged:
            show.lines(["", _afterwards(verified)])
    return Exit.OK if verified.ok else Exit.STORE


def _afterwards(verified: Verified) -> str:
    if verified.set_aside:
        return "They were set aside; what they held is collected again, as far as AWS has it."
    return "Nothing was changed. `watchdeck store verify --set-aside` has them collected again."


def store_compact(settings: Settings, *, json: bool) -> None:
    """Merge segments and drop what is too old; refused while another process writes."""
    with (
        opened(settings, writer=True) as store,
        Leadership(store, settings.store.path, utc_now) as leadership,
    ):
        if not leadership.try_take():
            raise StoreError(
                "another Watchdeck process writes to this store and compacts it by itself; "
                "stop it first if it should be done now"
            )
        compacted = store.upkeep.compact(leadership.lease(), utc_now())
        retained = store.upkeep.retain(leadership.lease(), utc_now())
    if json:
        show.as_json({"compacted": compacted, "retained": retained})
        return
    show.definitions(
        {
            "segments": f"{compacted.segments_before:,} became {compacted.segments_after:,}",
            "bytes": f"{compacted.bytes_before:,} became {compacted.bytes_after:,}",
            "superseded rows removed": f"{compacted.rows_removed:,}",
            "rows past retention": f"{retained.rows:,}",
            "rounds past retention": f"{retained.rounds:,}",
            "transitions past retention": f"{retained.transitions:,}",
        }
    )


@contextmanager
def opened(settings: Settings, *, writer: bool = False) -> Iterator[Store]:
    """The store of the settings, closed again afterwards."""
    store = open_store(settings.store, utc_now(), writer=writer, read_fields=read_fields)
    try:
        yield store
    finally:
        store.close()


def _at(when: datetime | None) -> str:
    return when.isoformat(timespec="seconds").replace("+00:00", "Z") if when else "-"
