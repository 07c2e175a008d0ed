"""Folders in which a store opens at once: its catalog is migrated, and holds nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from app.store.catalog import Catalog, default_url


def prepared(folder: Path) -> Path:
    """``folder`` with an empty catalog; what holds a store already stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "catalog.sqlite"
    if not file.exists():
        file.write_bytes(_migrated())
    return folder


@cache
def _migrated() -> bytes:
    """Migrating takes longer than most tests, so a process does it once."""
    with TemporaryDirectory() as folder:
        catalog = Catalog(default_url(Path(folder)))
        catalog.migrate()
        catalog.close()
        return (Path(folder) / "catalog.sqlite").read_bytes()
