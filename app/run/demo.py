"""``watchdeck demo``: a pretend AWS as a process of its own, and ``serve`` on top of it.

The store stays in var/demo, so the next start goes on where this one ended.
"""

from __future__ import annotations

import logging
import os
import shutil
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from app.config import Settings
from app.config.source import read
from app.demo.replay import alarms as replayed_alarms
from app.model.errors import ConfigError
from app.run import logs
from app.run.check import load_checked
from app.run.children import Child
from app.run.lifeline import stop_event
from app.run.progress import Progress
from app.run.supervise import Options, address_of, answers, once, say, tend

log = logging.getLogger(__name__)

ENDPOINT = "WATCHDECK_DEMO_ENDPOINT"
"""The variable through which config.yaml learns where the pretend AWS listens."""

PUBLIC_URL = "WATCHDECK_PUBLIC_URL"
"""The same for links in messages."""

USUAL_PORT = 8049
FOLDER = Path("var") / "demo"


@dataclass(frozen=True, slots=True)
class Demo:
    """What to show, where, and on which data."""

    options: Options
    settings: Settings
    endpoint: str
    replay: Path | None


def main(config: Path, port: int | None, replay: Path | None, *, fresh: bool) -> int:
    """Run the demo until Ctrl-C."""
    folder = FOLDER.with_name("replay") if replay is not None else FOLDER
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    os.environ.setdefault(logs.LEVEL, "error")
    endpoint = f"http://127.0.0.1:{free_port(USUAL_PORT)}"
    if replay is not None:
        replay = replay.resolve()
        config = with_replayed_alarms(config, replay, folder)
    settings = load_checked(config, os.environ | {ENDPOINT: endpoint})
    settings = with_folder_and_port(settings, folder, port or free_port(settings.web.port))
    logs.start("demo", settings)
    env = {ENDPOINT: endpoint, PUBLIC_URL: address_of(settings.web)}
    options = Options(config, store=folder, port=settings.web.port, env=env)
    return run(Demo(options, settings, endpoint, replay), stop_event())


def with_replayed_alarms(config: Path, replay: Path, folder: Path) -> Path:
    """A copy of the settings in the demo's folder, with an alarm on each recorded series.

    Recorded series have no bill, so there are no budgets.
    """
    source = read(config)
    try:
        alarms = {"metric": replayed_alarms(replay)}
    except ValueError as error:
        raise ConfigError(str(error)) from error
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / "config.yaml"
    given = {name: value for name, value in source.value.items() if name != "money"}
    copy.write_text(yaml.safe_dump({**given, "alarms": alarms}), encoding="utf-8")
    return copy


def with_folder_and_port(settings: Settings, folder: Path, port: int) -> Settings:
    """The settings as the demo's processes will see them."""
    store = settings.store.model_copy(update={"path": folder})
    web = settings.web.model_copy(update={"port": port})
    return settings.model_copy(update={"store": store, "web": web})


def run(demo: Demo, stop: threading.Event) -> int:
    """The pretend AWS, the work and the web process, until ``stop``."""
    children = [
        Child("pretend AWS", _pretend_arguments(demo)),
        Child("work", demo.options.arguments("work"), demo.options.env),
        Child("web", demo.options.arguments("web"), demo.options.env),
    ]
    say("Starting a pretend AWS, and Watchdeck on top of it. Its first day of data takes a moment.")
    address = address_of(demo.settings.web)
    with Progress(demo.settings) as progress:
        stages = [
            once(lambda: answers(f"{address}/healthz"), lambda: say(f"Listening on {address}")),
            *announcements(progress, lambda firing: _announce(demo, address, firing)),
        ]
        return tend(children, stop, lambda: _next(stages))


def _next(stages: list[Callable[[], bool]]) -> None:
    if stages and stages[0]():
        del stages[0]


def announcements(
    progress: Progress, announce: Callable[[Sequence[str]], None]
) -> list[Callable[[], bool]]:
    """Tell all once the day is there; what fires is told later if nothing did by then."""
    told: list[str] = []

    def tell() -> None:
        told.extend(progress.firing())
        announce(told)

    def tell_more() -> None:
        if not told:
            say(f"  Firing now:        {firing_words(progress.firing())}\n")

    return [
        once(progress.shows_a_day, tell),
        once(lambda: bool(told) or progress.something_fires(), tell_more),
    ]


def firing_words(firing: Sequence[str]) -> str:
    """How many alarms fire, and which is the most telling one."""
    if not firing:
        return "nothing yet; the alarms are still being judged"
    return (
        f"1 alarm, {firing[0]}"
        if len(firing) == 1
        else f"{len(firing)} alarms, such as {firing[0]}"
    )


def program() -> str:
    """How the command line is called from here: it may lie in a folder that is not on PATH."""
    installed = Path(sys.prefix) / "bin" / "watchdeck"
    if not installed.is_file():
        return "python -m app"
    here = Path.cwd()
    return str(installed.relative_to(here) if installed.is_relative_to(here) else installed)


def _announce(demo: Demo, address: str, firing: Sequence[str]) -> None:
    say(f"\n  The dashboard:     {address}")
    say(f"  Firing now:        {firing_words(firing)}")
    say(f"  Messages it sent:  {demo.endpoint}/_watchdeck/messages")
    say(f"  Its data:          {demo.options.store}/  (--fresh forgets it)")
    say(f"  Its alarms:        {program()} alarms list --store {demo.options.store}")
    say("  To stop:           Ctrl-C\n")


def _pretend_arguments(demo: Demo) -> list[str]:
    given = ["app", "pretend", "--port", demo.endpoint.rpartition(":")[2]]
    if demo.replay is None:
        return given
    anchor = demo.settings.store.path / "replay-anchor"
    return [*given, "--replay", str(demo.replay), "--anchor", str(anchor)]


def free_port(usual: int) -> int:
    """The usual port, or any free one when another program has it."""
    for port in (usual, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ConfigError("no port is free on 127.0.0.1")
