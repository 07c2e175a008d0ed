"""How a started process hears that it should end.

SIGTERM and SIGINT ask it to. A child of ours also holds the reading end of a
pipe as its standard input: when the parent dies, however it dies, the pipe
ends and the child stops too.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from types import FrameType
from typing import NoReturn

log = logging.getLogger(__name__)

LIFELINE = "WATCHDECK_LIFELINE"


def stop_event() -> threading.Event:
    """An event that is set when this process should end."""
    stop = threading.Event()

    def asked(signum: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, asked)
    if os.environ.get(LIFELINE):
        watch = threading.Thread(target=_watch, args=(stop,), name="lifeline", daemon=True)
        watch.start()
    return stop


def _watch(stop: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    log.info("the parent process is gone; ending")
    stop.set()


def leave(code: int = 0) -> NoReturn:
    """End this process now, whatever its threads are doing.

    A thread that waits for AWS would keep the process for a minute; what it
    was about to write is written whole or not at all.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
