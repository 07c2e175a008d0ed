"""The listener for spans in the work process, and the thread that keeps them.

Requests that come close together are committed together, and answered when that is
done. What was refused, and how much came, is told in a round each minute.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import Empty, Full, Queue
from time import monotonic

from waitress.server import create_server

from app.config.traces import OtlpSettings
from app.model.errors import LeaseLost, OpsError, StoreError
from app.model.ids import Place
from app.model.rounds import Batch, Result, Round
from app.model.traces import RefusedSpans, TraceDocuments, TraceSource
from app.run.listening import listen
from app.store import Lease, Store
from app.web.otlp import Otlp
from app.web.otlp_reading import FLAWS, Received

log = logging.getLogger(__name__)

COLLECTOR = GROUP = "otlp"
WAITING = 64
"""Requests that wait to be kept, at most; more are to come again later."""

AT_ONCE = 32
PAUSE_S = 2.0
"""Between two commits: each leaves a small segment behind until they are merged."""

PATIENCE_S = 30.0
TOLD_EVERY = timedelta(minutes=1)
_TICK_S = 0.5


class Overloaded(OpsError):
    """More comes than can be kept."""


class NotKept(OpsError):
    """A request that the store stumbles over; the log says why."""


@dataclass(slots=True)
class _Given:
    traces: Sequence[TraceDocuments]
    received: Received
    kept: Future[None] = field(default_factory=Future)


class Keeper:
    """Commits what requests bring, one transaction for many."""

    def __init__(
        self, store: Store, lease: Callable[[], Lease], place: Place, now: Callable[[], datetime]
    ) -> None:
        self._store, self._lease, self._place, self._now = store, lease, place, now
        self._waiting: Queue[_Given] = Queue(WAITING)
        self._told = now()
        self._rows = 0
        self._refused: dict[str, int] = {}
        self._committed = -PAUSE_S

    def keep(self, traces: Sequence[TraceDocuments], received: Received) -> None:
        """Wait until the traces are committed; raises OpsError when they are not."""
        given = _Given(traces, received)
        try:
            self._waiting.put_nowait(given)
        except Full:
            raise Overloaded("more spans come than can be kept") from None
        try:
            given.kept.result(PATIENCE_S)
        except TimeoutError:
            raise Overloaded("the store takes too long") from None

    @property
    def waiting(self) -> int:
        """Requests that wait to be kept."""
        return self._waiting.qsize()

    def run(self, stop: threading.Event) -> None:
        """Until ``stop``, or until another process writes."""
        while not stop.is_set():
            some = self._next(stop)
            try:
                if some:
                    self._commit(some)
                self._tell()
            except LeaseLost:
                return
            except StoreError as error:
                # A round that could not be noted: it stays to be told the next time.
                log.error("a round of spans could not be noted", extra={"error": error})
            except Exception:  # the only thread that keeps spans: it must survive
                log.exception("keeping spans failed unexpectedly")

    def _next(self, stop: threading.Event) -> list[_Given]:
        """What waits, a while after the last commit if there was one just now."""
        try:
            some = [self._waiting.get(timeout=_TICK_S)]
        except Empty:
            return []
        stop.wait(max(0.0, self._committed + PAUSE_S - monotonic()))
        while len(some) < AT_ONCE:
            try:
                some.append(self._waiting.get_nowait())
            except Empty:
                break
        return some

    def _commit(self, some: Sequence[_Given]) -> None:
        try:
            batch = batch_of(self._place, [(given.traces, given.received) for given in some])
            done = self._store.commit(batch, lease=self._lease(), now=self._now())
        except StoreError as error:
            _answer(some, error)
            if isinstance(error, LeaseLost):
                raise
            log.error("spans could not be kept", extra={"error": error})
            return
        except Exception:  # one request must not take the others with it
            log.exception("spans could not be kept", extra={"requests": len(some)})
            self._commit_alone(some)
            return
        self._committed = monotonic()
        self._rows += done.rows
        for given in some:
            given.kept.set_result(None)
            for why, count in given.received.refused.items():
                self._refused[why] = self._refused.get(why, 0) + count

    def _commit_alone(self, some: Sequence[_Given]) -> None:
        """Each request by itself, after they failed together."""
        if len(some) == 1:
            _answer(some, NotKept("the store cannot take these spans"))
            return
        for number, given in enumerate(some, start=1):
            try:
                self._commit([given])
            except LeaseLost as error:
                _answer(some[number:], error)
                raise

    def _tell(self) -> None:
        now = self._now()
        if now - self._told < TOLD_EVERY or not (self._rows or self._refused):
            return
        said = "; ".join(f"{count} refused: {why}" for why, count in self._refused.items())
        result = Result.PARTIAL if said else Result.OK
        done = Round(
            COLLECTOR, self._place, GROUP, self._told, now, result, rows=self._rows, message=said
        )
        self._store.note(lease=self._lease(), now=now, round=done)
        self._told, self._rows, self._refused = now, 0, {}


def _answer(some: Iterable[_Given], error: Exception) -> None:
    """Whoever waits for an answer must hear of it."""
    for given in some:
        given.kept.set_exception(error)


def batch_of(place: Place, requests: Iterable[tuple[Sequence[TraceDocuments], Received]]) -> Batch:
    """What some requests brought; what was refused is counted in ``place``."""
    traces: list[TraceDocuments] = []
    counted: Counter[str] = Counter()
    for some, received in requests:
        traces += some
        counted.update(received.refused)
    refused = [
        RefusedSpans(place, TraceSource.OTLP, FLAWS[why], why, count)
        for why, count in counted.items()
    ]
    return Batch(traces=traces, spans_refused=refused)


@contextmanager
def receiving(
    settings: OtlpSettings | None,
    store: Store,
    lease: Callable[[], Lease],
    places: Sequence[Place],
    now: Callable[[], datetime],
) -> Iterator[int]:
    """Listen for spans as long as the block lasts, at the port that is given back.

    Without settings nothing listens, and the port is 0.
    """
    if settings is None:
        yield 0
        return
    stop = threading.Event()
    keeper = Keeper(store, lease, places[0], now)
    socket = listen(settings.host, settings.port, "collection.traces.otlp.port")
    token = settings.token.reveal() if settings.token else None
    server = create_server(
        Otlp(keeper.keep, places, now, token), sockets=[socket], threads=8, ident=None
    )
    threads = [
        threading.Thread(target=server.run, name="otlp", daemon=True),
        threading.Thread(target=keeper.run, args=(stop,), name="otlp-keeper", daemon=True),
    ]
    for thread in threads:
        thread.start()
    log.info("taking spans", extra={"address": f"{settings.host}:{settings.port}"})
    try:
        yield int(socket.getsockname()[1])
    finally:
        stop.set()
        server.close()
        threads[1].join(PATIENCE_S)
        socket.close()
