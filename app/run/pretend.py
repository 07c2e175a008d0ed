"""The pretend AWS as a process of its own, ended like every other of ours."""

from __future__ import annotations

import threading
from pathlib import Path

from app.demo import endpoint


def pretend(port: int, replay: Path | None, stop: threading.Event) -> None:
    """Answer as AWS on ``port`` until ``stop``."""
    running = endpoint.start(port=port, replay=replay, wait=False)
    stop.wait()
    running.stop()
