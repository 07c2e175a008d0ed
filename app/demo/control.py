"""Our own pages under /_watchdeck/: clock, incidents, faults, bill, messages, receivers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from app.demo.answer import Answer, json_answer
from app.demo.billing import Bill
from app.demo.call import Environ
from app.demo.clock import Clock
from app.demo.faults import Fault, Faults
from app.demo.messages import Inbox, Message
from app.demo.world.incidents import Incident, Kind
from app.demo.world.world import World
from app.model.ids import Place

PREFIX = "/_watchdeck"
_HORIZON = 12 * 60


class Control:
    """Steers and watches one endpoint."""

    def __init__(
        self,
        world: World,
        *,
        clock: Clock,
        faults: Faults,
        bill: Bill,
        inbox: Inbox,
        stands: Callable[[], bool],
    ) -> None:
        self._world, self._clock, self._faults = world, clock, faults
        self._bill, self._inbox, self._stands = bill, inbox, stands
        self._pages: dict[str, Callable[[str, Mapping[str, str], bytes], Answer]] = {
            "ready": self._ready,
            "clock": self._clock_page,
            "incident": self._incident_page,
            "faults": self._faults_page,
            "billed": self._billed_page,
            "messages": self._messages_page,
            "slack": self._slack_page,
            "webhook": self._webhook_page,
        }

    def answer(self, environ: Environ, body: bytes) -> Answer | None:
        """The answer to a request for one of our pages; None for any other."""
        path = str(environ.get("PATH_INFO", ""))
        if not path.startswith(PREFIX):
            return None
        name = path.removeprefix(PREFIX).strip("/").partition("/")[0]
        page = self._pages.get(name)
        if page is None:
            return json_answer(
                {"pages": [f"{PREFIX}/{n}" for n in self._pages]}, 200 if not name else 404
            )
        given = parse_qs(str(environ.get("QUERY_STRING", "")))
        options = {key: values[0] for key, values in given.items()}
        try:
            return page(str(environ.get("REQUEST_METHOD", "GET")), options, body)
        except (ValueError, KeyError) as error:
            return json_answer({"error": str(error).strip("'")}, 400)

    def _ready(self, _method: str, _options: Mapping[str, str], _body: bytes) -> Answer:
        ready = self._stands()
        return json_answer({"ready": ready}, 200 if ready else 503)

    def _clock_page(self, method: str, options: Mapping[str, str], _body: bytes) -> Answer:
        if method == "POST":
            if "set" in options:
                at = datetime.fromisoformat(options["set"])
                self._clock.set(at if at.tzinfo else at.replace(tzinfo=UTC))
            if "advance" in options:
                self._clock.advance(timedelta(seconds=float(options["advance"])))
            if "release" in options:
                self._clock.release()
        now = self._clock.now()
        return json_answer({"now": now.isoformat(), "driven": self._clock.is_driven})

    def _incident_page(self, _method: str, options: Mapping[str, str], _body: bytes) -> Answer:
        minute = int(self._clock.now().timestamp()) // 60
        if "kind" in options:
            first = self._world.places[0]
            place = Place(
                options.get("account", first.account), options.get("region", first.region)
            )
            minutes = int(options.get("minutes", "20"))
            made = self._world.provoke(Kind(options["kind"]), place, minute, minutes)
            return json_answer({"provoked": _told(made)})
        coming = [
            _told(incident)
            for place in self._world.places
            for incident in self._world.incidents.between(place, minute, minute + _HORIZON)
        ]
        return json_answer({"kinds": [k.value for k in Kind], "now_and_next": coming})

    def _faults_page(self, method: str, options: Mapping[str, str], body: bytes) -> Answer:
        if method == "POST":
            given = json.loads(body) if body else dict(options)
            return json_answer({"id": self._faults.add(Fault.of(given))})
        if method == "DELETE":
            if "id" in options:
                self._faults.remove(int(options["id"]))
            else:
                self._faults.clear()
        return json_answer({"faults": self._faults.listed()})

    def _billed_page(self, method: str, _options: Mapping[str, str], _body: bytes) -> Answer:
        if method == "DELETE":
            self._bill.clear()
        return json_answer({"billed": [asdict(entry) for entry in self._bill.entries()]})

    def _messages_page(self, method: str, options: Mapping[str, str], _body: bytes) -> Answer:
        if method == "DELETE":
            self._inbox.clear()
        found = self._inbox.all(options.get("channel", ""))
        told = [{**asdict(m), "at": m.at.isoformat()} for m in found]
        return json_answer({"messages": told})

    def _slack_page(self, method: str, _options: Mapping[str, str], body: bytes) -> Answer:
        self._received(method, "slack", body)
        return Answer(200, "text/plain", b"ok")

    def _webhook_page(self, method: str, _options: Mapping[str, str], body: bytes) -> Answer:
        self._received(method, "webhook", body)
        return json_answer({"received": True})

    def _received(self, method: str, channel: str, body: bytes) -> None:
        if method != "POST":
            raise ValueError(f"{PREFIX}/{channel} takes POST, not {method}")
        self._inbox.add(Message(self._clock.now(), channel, json.loads(body)))


def _told(incident: Incident) -> dict[str, object]:
    def stamp(minute: int) -> str:
        return datetime.fromtimestamp(minute * 60, UTC).isoformat()

    return {
        "kind": incident.kind.value,
        "account": incident.place.account,
        "region": incident.place.region,
        "start": stamp(incident.start),
        "end": stamp(incident.end),
        "provoked": incident.provoked,
    }
