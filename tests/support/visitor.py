"""Opens pages as a browser does, without one: layout first, then every callback that it starts.

Requests go through Flask's test client, so what is opened is all that the server
does. ``clicks`` goes on to what a person may do there: open a row, press a button.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from dashboards import ids
from dashboards.mount import all_pages
from dashboards.routes import VIEW_PARAMETERS

VIEW = {"range": "3h", "zone": "Europe/Berlin", "accounts": [], "regions": []}

_MATCH = '["MATCH"]'

Props = Mapping[str, Any]
Key = str | dict[str, Any]


def addresses(of_one: Mapping[str, str]) -> tuple[str, ...]:
    """Of every page; ``of_one`` gives an address for each page that is about one thing."""
    paths = (page.PATH for page in all_pages())
    return tuple(of_one[path] if "<" in path else path for path in paths)


class Visitor:
    """What a browser would ask the server when a page is opened, and when things are clicked."""

    def __init__(self, server: Any) -> None:
        self._client = server.test_client()
        self._dependencies = self._client.get("/_dash-dependencies").get_json()
        self._shell = self._client.get("/_dash-layout").get_json()

    def open(self, address: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The payload of each callback that opening ``address`` starts, with its output."""
        yield from self._started(dict(_components(self._content(address))), address)

    def visit(self, address: str) -> list[Any]:
        """All that the server tells: the layout, what fills it, what clicks bring up."""
        content = self._content(address)
        there = dict(_components(content))
        told: list[Any] = [content]
        for _, payload in self._started(dict(there), address):
            answer = (self.ask(payload) or {}).get("response", {})
            told.append(answer)
            for name, props in answer.items():
                there[name] = {**there.get(name, {}), **props}
                there.update(_components(list(props.values())))
        return [*told, *(self.ask(payload) for payload in self._clicks(there, address))]

    def ask(self, payload: Mapping[str, Any]) -> Any:
        """The answer to one callback; one that failed, or told of trouble, is an error here."""
        answer = self._client.post("/_dash-update-component", json=payload)
        assert answer.status_code in (200, 204), answer.get_data(as_text=True)
        found = json.loads(answer.get_data() or b"null")
        assert ids.TROUBLE not in ((found or {}).get("sideUpdate") or {}), payload["output"]
        return found

    def _content(self, address: str) -> Any:
        opening = next(d for d in self._dependencies if f"{ids.CONTENT}.children" in d["output"])
        (asked,) = self._payloads(opening, self._around({}, address))
        content = self.ask(asked)["response"][ids.CONTENT]["children"]
        assert content["props"]["className"] == "page", address
        return content

    def _around(self, there: Mapping[str, Props], address: str) -> dict[str, Props]:
        path, _, search = address.partition("?")
        location = {"pathname": path, "search": f"?{search}" if search else ""}
        query = {"data": {n: v for n, v in parse_qsl(search) if n not in VIEW_PARAMETERS}}
        shell: dict[str, Props] = dict(_components(self._shell))
        return {**shell, **there, ids.LOCATION: location, ids.QUERY: query}

    def _started(
        self, there: Mapping[str, Props], address: str
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        around = self._around(there, address)
        for dependency in self._dependencies:
            if dependency["clientside_function"] or dependency["prevent_initial_call"]:
                continue
            for payload in self._payloads(dependency, around):
                if _is_of(payload, there):
                    yield dependency["output"], payload

    def _clicks(self, there: Mapping[str, Props], address: str) -> Iterator[Mapping[str, Any]]:
        """Each button pressed, and the first row of each table opened."""
        around = self._around({name: _clicked(props) for name, props in there.items()}, address)
        for dependency in self._dependencies:
            first = dependency["inputs"][0]
            is_click = first["property"] in ("n_clicks", "cellClicked")
            if is_click and not dependency["clientside_function"]:
                for payload in self._payloads(dependency, around):
                    if _is_there(first["id"], there):
                        yield payload

    def _payloads(
        self, dependency: Mapping[str, Any], around: Mapping[str, Props]
    ) -> Iterator[dict[str, Any]]:
        """One, or one for each component that MATCH stands for; none where outputs are missing."""
        for bound in _bound(dependency["output"], around):
            outputs = [_grouped(_of(one, bound), around) for one in _outputs(dependency["output"])]
            if any(found is None for found in outputs):
                continue
            inputs, state = (
                [_valued({**one, "id": _of(one["id"], bound)}, around) for one in dependency[kind]]
                for kind in ("inputs", "state")
            )
            first = next((i for i in inputs if isinstance(i, dict)), {"id": "", "property": ""})
            yield {
                "output": dependency["output"],
                "outputs": outputs if dependency["output"].startswith("..") else outputs[0],
                "inputs": inputs,
                "state": state,
                "changedPropIds": [f"{_text(first['id'])}.{first['property']}"],
            }


def _bound(output: str, around: Mapping[str, Props]) -> list[Mapping[str, Any]]:
    """What MATCH may stand for in an output."""
    name, _ = _named(_outputs(output)[0])
    if _MATCH not in name:
        return [{}]
    wanted, found = json.loads(name), _matching(name, around)
    free = [part for part, value in wanted.items() if value == ["MATCH"]]
    keys = found if isinstance(found, list) else []
    return [{part: key[part] for part in free} for key in keys if isinstance(key, dict)]


def _of(name: str, bound: Mapping[str, Any]) -> str:
    """The id (with a property or without) where MATCH is bound."""
    if _MATCH not in name:
        return name
    end = name.rindex("}") + 1
    wanted = json.loads(name[:end])
    return _spelled({**wanted, **{k: bound[k] for k in wanted if k in bound}}) + name[end:]


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
    name = _text(key)
    value = VIEW if name == ids.VIEW else around.get(name, {}).get(prop)
    return {"id": key, "property": prop, "value": 0 if name == ids.TICK else value}


def _is_of(payload: Mapping[str, Any], there: Mapping[str, Props]) -> bool:
    """Whether a callback fills something of the page and not of the shell."""
    outputs = payload["outputs"]
    flat = outputs if isinstance(outputs, list) else [outputs]
    first = flat[0][0] if isinstance(flat[0], list) else flat[0]
    key = first["id"]
    return (_text(key)) in there


def _is_there(name: str, there: Mapping[str, Props]) -> bool:
    return bool(_matching(name, there))


def _clicked(props: Props) -> Props:
    rows = props.get("rowData") or [{}]
    row = {"rowId": str(rows[0].get("id", "")), "colId": "name", "rowIndex": 0, "timestamp": 1}
    return {**props, "n_clicks": 1, "cellClicked": row}


def _text(key: Key) -> str:
    return key if isinstance(key, str) else _spelled(key)


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
            yield _text(key), found["props"]
        yield from _components(found["props"].get("children"))
