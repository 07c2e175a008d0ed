"""Child processes: started anew, never forked (polars hangs after a fork), kept alive."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.run.lifeline import LIFELINE

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
STEADY = 60.0
"""A child that lived this long is healthy: its next restart waits only the first pause."""

USELESS = frozenset({2})
"""Exit codes that a restart cannot mend: wrong usage or settings."""


@dataclass(slots=True)
class Child:
    """One process of ours and what is needed to start it again."""

    name: str
    arguments: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    _pause: float = FIRST_PAUSE
    _started: float = 0.0
    _due: float = 0.0

    def start(self) -> None:
        """Start it, in a process group of its own so that Ctrl-C reaches only the parent."""
        self.process = subprocess.Popen(  # noqa: S603 - our own module with our own arguments
            [sys.executable, "-m", *self.arguments],
            stdin=subprocess.PIPE,
            env=os.environ | self.env | {LIFELINE: "1"},
            process_group=0,
        )
        self._started = self.clock()

    def tend(self) -> int | None:
        """Restart it when it has died and its pause is over; its exit code if that is useless."""
        if self.process is None:
            if self.clock() >= self._due:
                self.restarts += 1
                self.start()
            return None
        code = self.process.poll()
        if code is None:
            return None
        if code in USELESS:
            return code
        lived = self.clock() - self._started
        pause = FIRST_PAUSE if lived >= STEADY else self._pause
        self._due = self.clock() + pause
        self._pause = min(pause * 2, LONGEST_PAUSE)
        log.error(
            "a process died; starting it again",
            extra={"child": self.name, "code": code, "pause_s": pause},
        )
        self._let_go()
        return None

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def end(self, patience: float) -> None:
        """Wait for it to end, and end it by force after ``patience`` seconds."""
        if self.process is None:
            return
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            log.warning("a process did not end in time", extra={"child": self.name})
            self.process.kill()
            self.process.wait()
        self._let_go()

    def _let_go(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        self.process = None


def end_all(children: Sequence[Child], patience: float = 8.0) -> None:
    """Ask all at once, then wait for each; nothing is left when this returns."""
    for child in reversed(children):
        child.ask_to_end()
    deadline = time.monotonic() + patience
    for child in reversed(children):
        child.end(max(0.1, deadline - time.monotonic()))
