"""Every callback of every page on the demo, as the server sees it.

A store is filled by the real collectors from the pretend AWS. Then each page is
opened as a browser opens it (layout first, then every callback that its
components start), through Flask's test client, so the figures hold all that the
server does: reading, drawing, writing JSON. Collecting goes on minute by minute, and
before each question there is a commit, after which nothing that was read before
counts any more. The peer is the same question asked at once again.
"""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from app.catalogue import load_catalogue
from app.config import WebSettings
from app.demo.clock import Clock
from app.demo.endpoint import start
from app.read import Reads
from app.run.memory import settle
from app.store import open_store
from bench.timing import compare, percentile, report, scratch
from dashboards import ids
from dashboards.mount import create_app
from tests.support.demo_store import NOW, fill, working

LIMIT_MS = 100.0
ROUNDS = 7
VIEW = {"range": "3h", "zone": "Europe/Berlin", "accounts": [], "regions": []}
FUNCTION = "arn:aws:lambda:eu-central-1:222222222222:function:legacy-import"
PAGES = (
    "/",
    "/services",
    "/services/lambda",
    "/services/alb",
    "/services/apigateway",
    "/services/dynamodb",
    "/services/ec2",
    "/services/ecs",
    "/services/rds",
    "/services/sqs",
    f"/resource/{FUNCTION}",
    "/alarms",
    "/alarm/222222222222/eu-central-1/the old import fails",
    "/explore",
    "/explore?namespace=AWS/Lambda",
    "/explore?namespace=AWS/Lambda&metric=Errors",
    "/collection",
)

Props = Mapping[str, Any]
Key = str | dict[str, Any]


@dataclass(slots=True)
class Taken:
    """Milliseconds of the callbacks of one page: after a commit, and asked again."""

    anew: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    working: list[float] = field(default_factory=list)
    """Milliseconds of processor time, which a busy machine lengthens less."""
    largest: int = 0


class Browser:
    """What a browser would ask the server when a page is opened."""

    def __init__(self, server: Any) -> None:
        self._client = server.test_client()
        self._dependencies = self._client.get("/_dash-dependencies").get_json()
        self._shell = self._client.get("/_dash-layout").get_json()

    def open(self, address: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The payload of each callback that opening ``address`` starts, with its output."""
        path, _, search = address.partition("?")
        shell: dict[str, Props] = dict(_components(self._shell))
        asked = self._payload(
            next(d for d in self._dependencies if f"{ids.CONTENT}.children" in d["output"]),
            shell | {ids.LOCATION: {"pathname": path, "search": f"?{search}" if search else ""}},
        )
        assert asked is not None
        answer = self.ask(asked)["response"]
        content = answer[ids.CONTENT]["children"]
        there = dict(_components(content))
        around = shell | there
        for dependency in self._dependencies:
            if dependency["clientside_function"] or dependency["prevent_initial_call"]:
                continue
            payload = self._payload(dependency, around)
            if payload is not None and _is_of(payload, there):
                yield dependency["output"], payload

    def ask(self, payload: Mapping[str, Any]) -> Any:
        answer = self._client.post("/_dash-update-component", json=payload)
        assert answer.status_code in (200, 204), answer.get_data(as_text=True)
        return json.loads(answer.get_data() or b"null")

    def _payload(
        self, dependency: Mapping[str, Any], around: Mapping[str, Props]
    ) -> dict[str, Any] | None:
        outputs = [_grouped(one, around) for one in _outputs(dependency["output"])]
        if any(found is None for found in outputs):
            return None
        inputs, state = (
            [_valued(one, around) for one in dependency[kind]] for kind in ("inputs", "state")
        )
        first = next((i for i in inputs if isinstance(i, dict)), {"id": "", "property": ""})
        return {
            "output": dependency["output"],
            "outputs": outputs if dependency["output"].startswith("..") else outputs[0],
            "inputs": inputs,
            "state": state,
            "changedPropIds": [f"{first['id']}.{first['property']}"],
        }


def _outputs(written: str) -> list[str]:
    """The single outputs of a callback's output text."""
    return written.strip(".").split("...") if written.startswith("..") else [written]


def _named(one: str) -> tuple[str, str]:
    name, _, prop = one.rpartition(".")
    return name, prop.partition("@")[0]


def _matching(name: str, around: Mapping[str, Props]) -> list[Key] | Key | None:
    """The components that an id names: a list for a pattern, one id, or None if not there."""
    if not name.startswith("{"):
        return name if name in around else None
    wanted = json.loads(name)
    if not any(isinstance(value, list) for value in wanted.values()):
        return wanted if name in around else None
    found = [json.loads(key) for key in around if key.startswith("{")]
    return [
        key
        for key in found
        if key.keys() == wanted.keys()
        and all(isinstance(v, list) or key[k] == v for k, v in wanted.items())
    ]


def _grouped(one: str, around: Mapping[str, Props]) -> Any:
    name, prop = _named(one)
    found = _matching(name, around)
    if isinstance(found, list):
        return [{"id": key, "property": prop} for key in found] or None
    return None if found is None else {"id": found, "property": prop}


def _valued(one: Mapping[str, str], around: Mapping[str, Props]) -> Any:
    found = _matching(one["id"], around)
    if isinstance(found, list):
        return [_value(key, one["property"], around) for key in found]
    return _value(found if found is not None else one["id"], one["property"], around)


def _value(key: Key, prop: str, around: Mapping[str, Props]) -> dict[str, Any]:
    name = key if isinstance(key, str) else _spelled(key)
    value = VIEW if name == ids.VIEW else around.get(name, {}).get(prop)
    return {"id": key, "property": prop, "value": 0 if name == ids.TICK else value}


def _is_of(payload: Mapping[str, Any], there: Mapping[str, Props]) -> bool:
    """Whether a callback fills something of the page and not of the shell."""
    outputs = payload["outputs"]
    flat = outputs if isinstance(outputs, list) else [outputs]
    first = flat[0][0] if isinstance(flat[0], list) else flat[0]
    key = first["id"]
    return (key if isinstance(key, str) else _spelled(key)) in there


def _spelled(key: Mapping[str, Any]) -> str:
    return json.dumps(key, sort_keys=True, separators=(",", ":"))


def _components(found: Any) -> Iterator[tuple[str, Props]]:
    """Every component with an id, anywhere below."""
    if isinstance(found, list):
        for each in found:
            yield from _components(each)
    elif isinstance(found, dict) and "props" in found:
        key = found["props"].get("id")
        if key is not None:
            yield key if isinstance(key, str) else _spelled(key), found["props"]
        yield from _components(found["props"].get("children"))


def _measured(browser: Browser, committed: Callable[[], None], address: str, taken: Taken) -> None:
    for _, payload in browser.open(address):
        committed()
        working = process_time()
        for into in (taken.anew, taken.again):
            started = perf_counter()
            answer = browser.ask(payload)
            into.append((perf_counter() - started) * 1000)
            if into is taken.anew:
                taken.working.append((process_time() - working) * 1000)
        taken.largest = max(taken.largest, len(json.dumps(answer)))


def _served(folder: Path) -> dict[str, Taken]:
    """Every page, each minute anew, while the work process goes on."""
    clock = Clock()
    clock.set(NOW)
    pages = {address: Taken() for address in PAGES}
    with ExitStack() as stack:
        endpoint = stack.enter_context(start(clock=clock))
        settings = fill(folder, endpoint)
        worker = stack.enter_context(working(settings, endpoint))
        store = open_store(settings.store, NOW, writer=False)
        stack.callback(store.close)
        reads = Reads(store, load_catalogue(), settings)
        browser = Browser(create_app(reads, settings=WebSettings(), now=clock.now).server)

        def committed() -> None:
            """One more commit, which the web process has followed."""
            worker.parts.store.note(lease=worker.leadership.lease(), now=clock.now())
            store.keep_up()

        # As the web process does; the pretend AWS, which runs here too, is frozen along.
        settle()
        for address in PAGES:  # the very first view builds the head, which stays
            _measured(browser, committed, address, Taken())
        for _ in range(ROUNDS):
            worker.minute()
            for address, taken in pages.items():
                _measured(browser, committed, address, taken)
    return pages


def main() -> None:
    """Print each page's median and p95, and the p95 over all."""
    with scratch() as folder:
        pages = _served(folder)
    for address, taken in pages.items():
        count = len(taken.anew) // ROUNDS
        assert count, f"{address} starts no callback"
        print(
            f"{address}: {count} callbacks, median {statistics.median(taken.anew):.1f} ms, "
            f"p95 {percentile(taken.anew, 0.95):.1f} ms, "
            f"again {statistics.median(taken.again):.1f} ms, "
            f"largest answer {taken.largest / 1000:.0f} kB"
        )
    anew = [ms for taken in pages.values() for ms in taken.anew]
    again = [ms for taken in pages.values() for ms in taken.again]
    print(f"load of the machine: {', '.join(f'{each:.1f}' for each in os.getloadavg())}")
    compare(
        "page callback, median",
        statistics.median(anew),
        statistics.median(again),
        peer_name="asked again",
    )
    working = [ms for taken in pages.values() for ms in taken.working]
    report("page callback, processor time, p95", percentile(working, 0.95), "ms")
    report("page callback asked again, p95", percentile(again, 0.95), "ms", limit=LIMIT_MS)
    report("page callback on the demo, p95", percentile(anew, 0.95), "ms", limit=LIMIT_MS)


if __name__ == "__main__":
    main()
