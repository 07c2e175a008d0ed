"""A new SQLite file that is in WAL mode from the moment it has its name.

SQLite changes to WAL only while nobody else has the file open, and it does not
wait for that ("Write-Ahead Logging" on sqlite.org), so the first openers of an
empty catalog would refuse each other.
"""

from __future__ import annotations

import os
import sqlite3
import uuid
from contextlib import closing, suppress
from pathlib import Path


def create_in_wal(file: Path) -> None:
    """Make ``file`` if it is not there; of several that try at once, one succeeds.

    Where it cannot be made, opening it says why.
    """
    if file.exists() or not file.parent.is_dir():
        return
    beside = file.with_name(f"{file.name}.{uuid.uuid4().hex}.new")
    try:
        with closing(sqlite3.connect(beside)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        with suppress(OSError):  # another one was first, or this disk has no hard links
            os.link(beside, file)
    except sqlite3.Error:
        return
    finally:
        beside.unlink(missing_ok=True)
