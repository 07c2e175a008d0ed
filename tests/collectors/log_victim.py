"""A process that collects log events until somebody kills it.

Run as ``python -m tests.collectors.log_victim``. It reads one line (folder of the
store, and address of the pretend AWS). Each step is five minutes of time, told to
the pretend AWS; it writes ``s`` before each and ``c`` before each commit.
"""

from __future__ import annotations

import os
import sys
import urllib.request
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.aws import Aws, Meter
from app.catalogue import load_catalogue
from app.config import AccountSettings, CollectionSettings, LogsSettings, Secret, StoreSettings
from app.model.groups import LOG_GROUPS
from app.store import Lease, Store, open_store
from collectors.base import Task
from collectors.logs import LogsCollector
from collectors.round import run
from tests.collectors.log_working import NOW, PLACE
from tests.support.moment import Moment

STEP = timedelta(minutes=5)
NAMES = ["/ecs/blog/*", "/aws/vpc/flow-logs", "/aws/lambda/thumbnail"]
LOGS = {
    "groups": [{"names": NAMES}],
    "backfill": "2h",
    "audit": False,
    "lag": "20s",
    "discover_every": "1h",
    "metrics": {"filters": [{"name": "all", "namespace": "Killed", "metric": "Lines"}]},
}


def settings() -> CollectionSettings:
    return CollectionSettings(logs=LogsSettings.model_validate(LOGS))


class Announced:
    """The store, telling before it commits."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.note = store.note

    def commit(self, *given: Any, **named: Any) -> Any:
        os.write(1, b"c")
        return self._store.commit(*given, **named)


def work(store: Store, lease: Lease, url: str) -> None:
    listed = store.coverage(PLACE, LOG_GROUPS).answered
    moment = Moment(listed.windows[-1].end if listed else NOW)
    meter = Meter(Decimal(50), now=moment.now)
    account = AccountSettings(
        id=PLACE.account,
        regions=[PLACE.region],
        access_key_id="AKIAWATCHDECKPROD001",
        secret_access_key=Secret("demo-secret-of-blog-prod"),
        endpoint=url,
    )
    aws = Aws([account], meter=meter, now=moment.now, sleep=lambda _: None)
    collector = LogsCollector(aws, store, load_catalogue(), settings())
    while True:
        os.write(1, b"s")
        clock = f"{url}/_watchdeck/clock?set={moment.at:%Y-%m-%dT%H:%M:%SZ}"
        urllib.request.urlopen(urllib.request.Request(clock, method="POST")).close()
        known: set[Task] = set()
        while tasks := [t for t in collector.plan(PLACE, moment.at) if t not in known]:
            for task in tasks:
                announced: Any = Announced(store)
                run(collector, task, store=announced, lease=lease, meter=meter, now=moment.now)
            known |= set(tasks)
        moment.at += STEP


def main() -> None:
    path, _, url = sys.stdin.readline().rstrip("\n").partition(" ")
    if not path:
        return
    store = open_store(StoreSettings(path=Path(path)), NOW)
    lease = store.acquire("victim", NOW, timedelta(days=365))
    assert lease is not None
    work(store, lease, url)


if __name__ == "__main__":
    main()
