"""The pretend AWS as one HTTP endpoint on this machine.

``start`` for tests and other programs, ``python -m app.demo.endpoint`` for a
process of its own. It listens on 127.0.0.1 and nowhere else.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from app.demo.billing import Bill
from app.demo.clock import Clock
from app.demo.cloudwatch import CloudWatch
from app.demo.cloudwatch_logs import CloudWatchLogs
from app.demo.control import Control
from app.demo.faults import Faults
from app.demo.gateway import Gateway
from app.demo.identity import Credentials, Identities
from app.demo.listener import Listener
from app.demo.logs.book import LogBook
from app.demo.logs.metrics import LogMetrics
from app.demo.logs.written import WrittenLogs
from app.demo.messages import Inbox
from app.demo.plane.application import Plane
from app.demo.replay import Replay, recordings
from app.demo.spend.book import SpendBook
from app.demo.spend.estimated import EstimatedCharges
from app.demo.spend.service import Spend
from app.demo.telemetry.sources import Sources
from app.demo.telemetry.written import Written
from app.demo.traces.book import TraceBook
from app.demo.traces.service import XRay
from app.demo.world.platform import Account
from app.demo.world.world import World

SEED = 1


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """A running pretend AWS; ``stop`` it or use it as a context manager."""

    world: World
    clock: Clock
    faults: Faults
    counters: Bill
    inbox: Inbox
    identities: Identities
    logs: LogBook
    spend: Spend
    traces: TraceBook
    _plane: Plane
    _listener: Listener

    @property
    def credentials(self) -> list[Credentials]:
        """The access keys that exist from the start, one for each account."""
        return self.identities.long_lived

    @property
    def url(self) -> str:
        return self._listener.url

    @property
    def port(self) -> int:
        return self._listener.port

    def wait(self) -> None:
        """Until the control plane stands as well."""
        self._plane.wait()

    def stop(self) -> None:
        """End it; open connections are cut."""
        self._listener.stop()

    def __enter__(self) -> Endpoint:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(
    port: int = 0,
    *,
    seed: int = SEED,
    clock: Clock | None = None,
    replay: Path | None = None,
    anchor: datetime | None = None,
    wait: bool = True,
) -> Endpoint:
    """Start one in this process; ``port`` 0 takes any free one.

    Recordings of the folder ``replay`` end at ``anchor``, which is now if not given.
    """
    world, clock = World(seed), clock or Clock()
    recorded = recordings(replay) if replay is not None else []
    faults, bill, inbox, written = Faults(), Bill(), Inbox(), Written()
    identities = Identities(_accounts(world))
    plane = Plane(world, [r.key for r in recorded])
    logs = LogBook(world, WrittenLogs())
    replayed = Replay(recorded, anchor or clock.now())
    spend, traces = Spend(SpendBook(world)), TraceBook(world)
    sources = Sources(world, written, [replayed, LogMetrics(logs), EstimatedCharges(spend.book)])
    gateway = Gateway(
        identities,
        CloudWatch(sources, written, bill),
        CloudWatchLogs(logs),
        spend,
        XRay(traces, bill),
        plane,
        control=Control(
            world, clock=clock, faults=faults, bill=bill, inbox=inbox, stands=lambda: plane.stands
        ),
        clock=clock,
        faults=faults,
        bill=bill,
        inbox=inbox,
    )
    listener = Listener(gateway, port)
    plane.start()
    endpoint = Endpoint(
        world, clock, faults, bill, inbox, identities, logs, spend, traces, plane, listener
    )
    if wait:
        endpoint.wait()
    return endpoint


def _accounts(world: World) -> list[Account]:
    accounts = {d.account.id: d.account for d in world.deployments.values()}
    return list(accounts.values())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until interrupted."""
    options = _options(arguments)
    clock = Clock()
    if options.clock:
        clock.set(_moment(options.clock))
    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with start(
        options.port,
        seed=options.seed,
        clock=clock,
        replay=options.replay,
        anchor=_moment(options.anchor) if options.anchor else None,
        wait=False,
    ) as endpoint:
        sys.stdout.write(f"the pretend AWS listens on {endpoint.url}\n")
        sys.stdout.flush()
        ended.wait()
    return 0


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="app.demo.endpoint", description=__doc__)
    parser.add_argument("--port", type=int, default=8049, help="0 takes any free port")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed is another world")
    parser.add_argument("--clock", default="", help="stand still at this ISO 8601 time")
    parser.add_argument("--replay", type=Path, help="folder of timestamp,value files to replay")
    parser.add_argument("--anchor", default="", help="ISO 8601 time at which recordings end")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
