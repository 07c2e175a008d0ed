"""Opening a store: folder, catalog, migration, repair."""

from __future__ import annotations

import logging
from datetime import datetime

from app.config import StoreSettings
from app.model.errors import StoreError, StoreUnreachable
from app.model.logs import ReadFields
from app.store.catalog import Catalog, checked_url, default_url
from app.store.files import LocalFiles, SegmentFiles
from app.store.repair import Repaired, check_identity, repair
from app.store.store import Store

log = logging.getLogger(__name__)


def open_store(
    settings: StoreSettings,
    now: datetime,
    *,
    writer: bool = True,
    read_fields: ReadFields | None = None,
) -> Store:
    """The store that ``settings`` describe, made if it is not there yet.

    Brings the catalog up to date. With ``writer`` it also removes what a crash
    left behind and sets damaged segments aside; ``store.opened`` says what. Without, it
    also opens while a bucket does not answer.
    ``read_fields`` finds fields of log events that have no column where merging needs one.
    """
    folder = settings.path
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"cannot use the folder {folder} (store.path): {error.strerror}; "
            "make it writable for this user or name another one"
        ) from error
    url = checked_url(settings.catalog.reveal()) if settings.catalog else default_url(folder)
    catalog, files = Catalog(url), _files(settings)
    try:
        catalog.migrate()
        _check(catalog, files, settings.bucket or str(folder), writer=writer)
        opened = repair(catalog, files, now) if writer else Repaired(0, 0, ())
        store = Store(catalog, files, settings, opened, read_fields)
        store.refresh()
    except BaseException:  # no connection may stay open, however it ended; raised again
        catalog.close()
        raise
    return store


def _check(catalog: Catalog, files: SegmentFiles, place: str, *, writer: bool) -> None:
    """A reader opens a bucket that does not answer too: it harms nothing, and has copies."""
    try:
        check_identity(catalog, files, place)
    except StoreUnreachable as error:
        if writer:
            raise
        log.warning("%s; what has a copy in store.path is still read", error)


def _files(settings: StoreSettings) -> SegmentFiles:
    """A folder, or a bucket; what a bucket needs is loaded only for one."""
    if settings.bucket is None:
        return LocalFiles(settings.path)
    from app.store.bucket import open_bucket

    return open_bucket(settings)
