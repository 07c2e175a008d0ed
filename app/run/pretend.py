"""The pretend AWS as a process of its own, ended like every other of ours."""

from __future__ import annotations

import threading
from pathlib import Path

from app.demo import endpoint
from app.demo.replay import kept_anchor
from app.run.clock import utc_now


def pretend(port: int, replay: Path | None, anchor: Path | None, stop: threading.Event) -> None:
    """Answer as AWS on ``port`` until ``stop``; ``anchor`` keeps where recordings end."""
    end = kept_anchor(anchor, utc_now()) if anchor is not None else None
    running = endpoint.start(port=port, replay=replay, anchor=end, wait=False)
    stop.wait()
    running.stop()
