"""A collector of log files at work, and files for it to take."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.demo.endpoint import Endpoint
from app.model.rounds import Round
from app.model.time import epoch_ms
from tests.collectors.log_working import MINUTE, NOW, OWN, PLACE, LogWork, log_working

Make = Callable[..., LogWork]


@contextmanager
def taking(endpoint: Endpoint, stores: Path, at: str) -> Iterator[Make]:
    """Makes collectors of the files of a place; keywords are settings of it."""
    with ExitStack() as opened:
        count = iter(range(9))

        def make(*, polled: bool = False, metrics: Any = None, **given: Any) -> LogWork:
            files = {"name": "archive", "account": PLACE.account, "region": PLACE.region} | {
                "at": at, **given
            }  # fmt: skip
            groups: Any = [{"names": ["/own/*"]}] if polled else "none"
            settings = {"files": [files], "groups": groups, "metrics": metrics or {}}
            folder = stores / f"store{next(count)}"
            return opened.enter_context(log_working(endpoint, folder, **settings))

        yield make


def record(*messages: str, ids: str = "id", **changes: Any) -> bytes:
    events = [
        {"id": f"{ids}-{text}", "timestamp": epoch_ms(NOW - MINUTE), "message": text}
        for text in messages
    ]
    base = {"messageType": "DATA_MESSAGE", "owner": PLACE.account, "logGroup": OWN,
            "logStream": "s", "subscriptionFilters": ["all"], "logEvents": events}  # fmt: skip
    return json.dumps(base | changes).encode()


def put(folder: Path, name: str, content: bytes, age: timedelta = 5 * MINUTE) -> None:
    """A file that was last written ``age`` ago."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    stamp = (NOW - age).timestamp()
    os.utime(path, (stamp, stamp))


def of_files(rounds: list[Round]) -> Round:
    [found] = [r for r in rounds if r.group == "log-files/archive"]
    return found
