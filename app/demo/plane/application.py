"""moto's server as an application inside ours.

moto is loaded and filled in a thread of its own, so the endpoint answers for
telemetry at once; a call to the control plane waits until the plane stands.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from threading import Event, Thread
from typing import cast

from app.demo.answer import Answer
from app.demo.call import Call, Environ
from app.demo.plane.overlays import Overlays
from app.demo.refusal import Refused
from app.demo.world.world import World
from app.model.ids import SeriesKey

_LOG = logging.getLogger(__name__)
_PATIENCE_S = 60.0
_Application = Callable[[dict[str, object], Callable[..., object]], list[bytes]]


class Plane:
    """The control plane of one endpoint."""

    def __init__(self, world: World, recorded: Sequence[SeriesKey] = ()) -> None:
        self._world, self._recorded = world, recorded
        self._overlays = Overlays(world)
        self._stands = Event()
        self._problem = ""
        self._application: _Application | None = None
        self._router: Callable[[str, Environ], str] | None = None

    def start(self) -> None:
        """Load moto and make the resources, in the background."""
        Thread(target=self._build, name="pretend-aws-plane", daemon=True).start()

    def wait(self, seconds: float = _PATIENCE_S) -> None:
        """Until the plane stands; RuntimeError if it cannot be built."""
        if not self._stands.wait(seconds):
            raise RuntimeError(f"the control plane did not stand within {seconds:.0f} s")
        if self._problem:
            raise RuntimeError(f"the control plane could not be built: {self._problem}")

    @property
    def stands(self) -> bool:
        """Whether calls are answered at once."""
        return self._stands.is_set() and not self._problem

    def route(self, api: str, environ: Environ) -> str:
        """The operation of a REST request, empty if there is none."""
        self.wait()
        return self._router(api, environ) if self._router else ""

    def answer(self, call: Call, environ: Environ, now: datetime) -> Answer:
        """moto's answer, or ours where moto has none or a wrong one."""
        self.wait()
        instead = self._overlays.instead(call, now)
        if instead is not None:
            return instead
        given = self._ask_moto(call, environ)
        return self._overlays.amended(call, given, now)

    def _build(self) -> None:
        try:
            from app.demo.plane.build import build
            from app.demo.plane.server import application, operation_of

            build(self._world, self._recorded)
            self._application, self._router = cast("_Application", application()), operation_of
        except Exception as error:  # the thread must not die silently: every caller hears of it
            _LOG.exception("the control plane could not be built")
            self._problem = f"{type(error).__name__}: {error}"
        finally:
            self._stands.set()

    def _ask_moto(self, call: Call, environ: Environ) -> Answer:
        if self._application is None:
            raise Refused("InternalFailure", "The control plane does not stand.", 500)
        head: list[tuple[str, Mapping[str, str]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> None:
            head.append((status, dict(headers)))

        own = {
            **environ,
            "wsgi.input": io.BytesIO(call.body),
            "CONTENT_LENGTH": str(len(call.body)),
            "HTTP_X_MOTO_ACCOUNT_ID": call.account,
            "HTTP_USER_AGENT": "pretend-aws",
        }
        own.pop("HTTP_CONTENT_ENCODING", None)
        body = b"".join(self._application(own, start_response))
        status, headers = head[0]
        kept = {k: v for k, v in headers.items() if k.lower() not in {"content-length", "date"}}
        kind = next((v for k, v in kept.items() if k.lower() == "content-type"), "text/plain")
        kept = {k: v for k, v in kept.items() if k.lower() != "content-type"}
        return Answer(int(status.split()[0]), kind, body, kept)
