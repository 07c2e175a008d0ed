"""``watchdeck serve``: the web and the work process side by side, as one thing."""

from __future__ import annotations

import logging
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.config import WebSettings
from app.run.children import Child, end_all

log = logging.getLogger(__name__)

LOOK_EVERY = 0.25


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says beside the settings; handed on to the children."""

    config: Path
    store: Path | None = None
    host: str | None = None
    port: int | None = None
    env: Mapping[str, str] = field(default_factory=dict)

    def arguments(self, command: str) -> list[str]:
        """The command line of a child."""
        given = ["app", command, "--config", str(self.config)]
        if self.store is not None:
            given += ["--store", str(self.store)]
        if command == "web" and self.host is not None:
            given += ["--host", self.host]
        if command == "web" and self.port is not None:
            given += ["--port", str(self.port)]
        return given


def serve(options: Options, web: WebSettings, stop: threading.Event) -> int:
    """Run both processes until ``stop``; says the address once the web process answers."""
    children = [
        Child("work", options.arguments("work"), options.env),
        Child("web", options.arguments("web"), options.env),
    ]
    address = address_of(web)
    announce = once(
        lambda: answers(f"{address}/healthz"), lambda: say(f"Watchdeck is on {address}")
    )
    return tend(children, stop, announce)


def tend(children: Sequence[Child], stop: threading.Event, look: Callable[[], object]) -> int:
    """Keep the children alive until ``stop``, or until one cannot be helped; its exit code then."""
    try:
        for child in children:
            child.start()
        while not stop.wait(LOOK_EVERY):
            for child in children:
                useless = child.tend()
                if useless is not None:
                    return useless
            look()
        return 0
    finally:
        end_all(children)


def once(ready: Callable[[], bool], act: Callable[[], None]) -> Callable[[], bool]:
    """A function that acts the first time it finds things ready; True from then on."""
    done = False

    def look() -> bool:
        nonlocal done
        if not done and ready():
            done = True
            act()
        return done

    return look


def address_of(web: WebSettings) -> str:
    """Where a browser on this machine finds the dashboard."""
    host = "127.0.0.1" if web.host in ("0.0.0.0", "::", "") else web.host  # noqa: S104 - compared only
    return f"http://[{host}]:{web.port}" if ":" in host else f"http://{host}:{web.port}"


def answers(url: str, timeout: float = 2.0) -> bool:
    """Whether an address of ours on this machine answers with success."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_for(ready: Callable[[], bool], stop: threading.Event, seconds: float) -> bool:
    """Wait until something is ready; False when time is up or we are told to stop."""
    deadline = time.monotonic() + seconds
    while not stop.is_set() and time.monotonic() < deadline:
        if ready():
            return True
        stop.wait(0.1)
    return False


def say(text: str) -> None:
    """A line for the person at the terminal, beside the log."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
