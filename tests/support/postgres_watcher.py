"""Waits until standard input ends, then ends the PostgreSQL of a folder and removes the folder.

A program of its own, run with the folder as its argument. It imports nothing of
ours, so that it is up at once. It looks into ``/proc``, so it works on Linux.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

LONGEST_S = 10.0


def main(folder: Path) -> None:
    sys.stdin.buffer.read()
    if not folder.exists():
        return
    # Again until there is none: one that was being started may have come meanwhile.
    while found := list(_serving(folder)):
        for process in found:
            _end(process)
    shutil.rmtree(folder, ignore_errors=True)


def _serving(folder: Path) -> Iterator[int]:
    """initdb, pg_ctl and the server itself: all that were started for this very folder."""
    data = os.fsencode(folder / "data")
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if data in (process / "cmdline").read_bytes().split(b"\0"):
                yield int(process.name)


def _end(process: int) -> None:
    """An immediate shutdown: the data is not wanted any more."""
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(process)
        os.kill(process, signal.SIGQUIT)
        ended, _, _ = select.select([handle], [], [], LONGEST_S)
        if not ended:
            os.kill(process, signal.SIGKILL)
        os.close(handle)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
