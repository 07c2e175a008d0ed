"""``watchdeck spend import``: bills from files, each listed whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.config import Settings
from app.model.errors import ConfigError, StoreError
from app.model.rounds import Batch
from app.model.time import Window
from app.run import show
from app.run.clock import utc_now
from app.run.exits import Exit
from app.run.leader import Leadership
from app.run.report_store import opened

if TYPE_CHECKING:
    from app.store import Store


@dataclass(frozen=True, slots=True)
class Found:
    """The files of one bill; ``window`` where their manifest tells it."""

    name: str
    files: tuple[Path, ...]
    window: Window | None
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one bill."""

    name: str
    lines: int
    payers: tuple[str, ...]
    window: Window | None


def take(settings: Settings, paths: Sequence[Path], *, json: bool) -> int:
    """Take in every bill that the paths hold; refused while another process writes."""
    found = list(bills_in(paths))
    if not found:
        raise ConfigError("there are no Parquet or CSV files of a bill in what was named")
    with (
        opened(settings, writer=True) as store,
        Leadership(store, settings.store.path, utc_now) as leadership,
    ):
        if not leadership.try_take():
            raise StoreError(
                "another Watchdeck process writes to this store; stop it first, or name the "
                "place in collection.spend.bills so that it takes the bills by itself"
            )
        done = [_taken(store, leadership, bill) for bill in found]
    if json:
        show.as_json(done)
    else:
        cells = [(t.name, f"{t.lines:,}", ", ".join(t.payers), *_days(t.window)) for t in done]
        show.table(("bill", "lines", "payer", "from", "to"), cells, empty="")
    return Exit.OK


def bills_in(paths: Sequence[Path]) -> Iterator[Found]:
    """The bills of folders, by manifests where there are any; all named files are one bill."""
    from collectors.bill_files import SUFFIXES
    from collectors.bill_manifest import is_manifest

    named = [p for p in paths if p.is_file() and not is_manifest(p.name)]
    for path in paths:
        if path.is_dir():
            yield from _of_folder(path)
        elif is_manifest(path.name):
            yield _of_manifest(path, _root_of(path))
    if named:
        other = [p for p in named if not p.name.endswith(SUFFIXES)]
        if other:
            raise ConfigError(f"{other[0]}: a bill is a Parquet or CSV file (.gz or .zip too)")
        yield _of_files(named)


def _of_folder(folder: Path) -> Iterator[Found]:
    from collectors.bill_files import SUFFIXES
    from collectors.bill_manifest import current

    names = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    manifests = [names[name] for name in current(names)]
    if manifests:
        for manifest in sorted(manifests, key=lambda p: (p.stat().st_mtime, p)):
            yield _of_manifest(manifest, folder)
        return
    by_folder: dict[Path, list[Path]] = {}
    for path in names.values():
        if path.name.endswith(SUFFIXES):
            by_folder.setdefault(path.parent, []).append(path)
    for files in by_folder.values():
        yield _of_files(sorted(files))


def _of_manifest(manifest: Path, root: Path) -> Found:
    from collectors.bill_manifest import located, parsed
    from collectors.log_unpacking import Unreadable

    name = manifest.relative_to(root).as_posix()
    try:
        told = parsed(manifest.read_bytes(), name)
    except Unreadable as why:
        raise ConfigError(f"{manifest}: {why}") from None
    there = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}
    files = []
    for file in told.files:
        found = located(file, name, there)
        if found is None:
            raise ConfigError(f"{manifest} names {file}, which is not below {root}")
        files.append(root / found)
    return Found(str(manifest), tuple(files), told.month, _changed(manifest))


def _of_files(files: Sequence[Path]) -> Found:
    from collectors.bill_manifest import month_of

    name = str(files[0]) if len(files) == 1 else f"{files[0].parent} ({len(files)} files)"
    month = month_of(files[0].parent.as_posix())
    return Found(name, tuple(files), month, max(_changed(file) for file in files))


def _root_of(manifest: Path) -> Path:
    """Where data files can be: beside ``metadata`` in an export, else beside the manifest."""
    above = [p for p in manifest.parents if p.name == "metadata"]
    return above[0].parent if above else manifest.parent


def _taken(store: Store, leadership: Leadership, bill: Found) -> Taken:
    from collectors.bill_files import BillFile
    from collectors.bill_intake import around, taken
    from collectors.log_unpacking import Unreadable

    try:
        files = [BillFile(path.name, path) for path in bill.files]
        window = bill.window or around(files)
        if window is None:
            return Taken(bill.name, 0, (), None)
        staged, lines = taken(store, files, window, bill.read_at, _tell)
    except Unreadable as why:
        raise ConfigError(f"{bill.name}: {why}") from None
    store.commit(Batch(staged_spend=staged), lease=leadership.lease(), now=utc_now())
    payers = tuple(one.head.payer for one in staged)
    return Taken(bill.name, lines, payers, staged[0].head.window if staged else window)


def _tell(lines: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{lines:,} lines")
        sys.stderr.flush()


def _days(window: Window | None) -> tuple[str, str]:
    return (f"{window.start:%Y-%m-%d}", f"{window.end:%Y-%m-%d}") if window else ("", "")


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
