"""What the pages of traces get: rows, what some of them share, a map, lines of logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.model.ids import Place
from app.model.readings import Look, Reading
from app.model.traces import Outcome
from app.read.log_page import Mistake
from app.read.scope import Scope


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some of the traces: by when they began and by their response time in milliseconds."""

    start: datetime | None = None
    end: datetime | None = None
    low_ms: float | None = None
    high_ms: float | None = None


@dataclass(frozen=True, slots=True)
class TraceQuestion:
    """A filter expression over a scope, and perhaps some of what it lets through."""

    text: str
    scope: Scope
    chosen: Chosen | None = None


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One trace in a list; ``response_ms`` is None while its root is in progress."""

    trace_id: str
    at: datetime
    response_ms: float | None
    duration_ms: float | None
    outcome: Outcome
    entry: str
    entry_type: str = ""
    method: str = ""
    url: str = ""
    status: int | None = None
    user: str = ""
    services: int = 0
    cold_start: bool | None = None
    flaws: tuple[str, ...] = ()
    place: Place | None = None

    @property
    def request(self) -> str:
        """What was asked, as a person says it: method and path, else who was entered."""
        path = self.url.split("://", 1)[-1]
        path = path[path.find("/") :] if "/" in path else path
        return f"{self.method} {path}".strip() or self.entry


@dataclass(frozen=True, slots=True)
class Malformed:
    """How many traces have this flaw, in words, and one of them to look at."""

    flaw: str
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class TimeSpread:
    """How response times spread: columns of equal width on a logarithmic scale of ms.

    The columns reach from ``low`` to ``high``; ``failed`` went wrong, ``fine`` did not.
    """

    low: float
    high: float
    fine: tuple[int, ...]
    failed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TracesFound:
    """The traces that pass a filter, newest first.

    ``rows`` are all of ``matching``, or those that failed, the slowest and an
    even share of the rest. ``scanned`` began in the window. With a ``mistake``,
    drawn text, there is nothing else.
    """

    reading: Reading[None] = field(default_factory=lambda: Reading(None, Look.NOTHING))
    mistake: str = ""
    rows: tuple[TraceRow, ...] = ()
    matching: int = 0
    scanned: int = 0
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    percentiles: Mapping[str, float] = field(default_factory=dict)
    spread: TimeSpread | None = None
    malformed: tuple[Malformed, ...] = ()


@dataclass(frozen=True, slots=True)
class Shared:
    """Something that ``inside`` of the chosen traces have, and ``outside`` of the others.

    ``keep`` is a filter that lets through what has it, empty where the language has no words.
    """

    kind: str
    key: str
    value: str
    inside: float
    outside: float
    count: int
    keep: str = ""


@dataclass(frozen=True, slots=True)
class Common:
    """What tells ``chosen`` traces (``which``, in words) from ``others``, most telling first."""

    which: str
    chosen: int = 0
    others: int = 0
    shared: tuple[Shared, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """Something to complete to, and one sentence about it; ``after`` follows when it is taken."""

    text: str
    says: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class FilterWords:
    """What can be written in a filter here: words of the language, and values that occur."""

    keywords: tuple[Word, ...] = ()
    annotations: tuple[Word, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A trace as an example of what a chart shows: when it passed, and how long that took."""

    trace_id: str
    at: datetime
    ms: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Counts:
    """How requests of a node or an edge ended and how long they took, in milliseconds."""

    ok: int = 0
    error: int = 0
    throttle: int = 0
    fault: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None

    @property
    def total(self) -> int:
        return self.ok + self.error + self.throttle + self.fault


@dataclass(frozen=True, slots=True)
class ServiceNode:
    """A node of the service map; ``seen`` is False where only callers tell of it."""

    id: str
    name: str
    type: str
    account: str
    counts: Counts
    root: bool = False
    seen: bool = True


@dataclass(frozen=True, slots=True)
class ServiceEdge:
    """Calls from one node to another; ``link`` where a queue or a stream lies between."""

    source: str
    target: str
    counts: Counts
    link: bool = False


@dataclass(frozen=True, slots=True)
class MapFound:
    """The service map of the traces that pass a filter.

    ``traces`` are stored whole, of ``matching`` ones: all that failed and a part of the rest,
    which counts for all of it. ``unseen`` says, a sentence each, what cannot be on the map.
    """

    reading: Reading[None] = field(default_factory=lambda: Reading(None, Look.NOTHING))
    mistake: str = ""
    nodes: tuple[ServiceNode, ...] = ()
    edges: tuple[ServiceEdge, ...] = ()
    traces: int = 0
    matching: int = 0
    unseen: tuple[str, ...] = ()
    malformed: tuple[Malformed, ...] = ()


@dataclass(frozen=True, slots=True)
class TraceLine:
    """A log line that was written while a trace ran, with its group and the span it belongs to."""

    at: datetime
    group: str
    message: str
    level: str = ""
    span: str = ""


@dataclass(frozen=True, slots=True)
class TraceLines:
    """The log lines of a trace; ``lacking`` says, a sentence each, why there may be more."""

    lines: tuple[TraceLine, ...] = ()
    lacking: tuple[str, ...] = ()


__all__ = [
    "Chosen",
    "Common",
    "Counts",
    "Exemplar",
    "FilterWords",
    "Malformed",
    "MapFound",
    "Mistake",
    "ServiceEdge",
    "ServiceNode",
    "Shared",
    "TimeSpread",
    "TraceLine",
    "TraceLines",
    "TraceQuestion",
    "TraceRow",
    "TracesFound",
    "Word",
]
