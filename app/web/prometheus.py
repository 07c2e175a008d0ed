"""``/metrics``: what Watchdeck knows of itself, in the text format of Prometheus.

Everything is read from the store, so the web process tells of the work
process too; its own counters come as ``counters``.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from flask import Flask, Response

from app.model.alarms import AlarmStatus, Delivery
from app.model.ids import Place
from app.model.rounds import MeterEntry, Result, Round
from app.read import Reads

MOST_DELIVERIES = 1000
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = Mapping[str, str]
Sample = tuple[Labels, float]


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the exposition is made of."""

    rounds: Sequence[Round] = ()
    meter: Sequence[MeterEntry] = ()
    statuses: Sequence[AlarmStatus] = ()
    deliveries: Sequence[Delivery] = ()
    counters: Mapping[str, float] = field(default_factory=dict)
    resident_bytes: int = 0
    started: float = 0.0


def register(
    server: Flask,
    *,
    reads: Reads,
    now: Callable[[], datetime],
    counters: Callable[[], Mapping[str, float]] | None = None,
) -> None:
    """The route that Prometheus scrapes."""
    started = time.time()  # when this process began, which no reader is told

    @server.get("/metrics")
    def metrics() -> Response:
        reads.refresh()
        store = reads.store
        vitals = Vitals(
            rounds=store.rounds.latest(),
            meter=store.meter.month(now()),
            statuses=tuple(store.ledger.statuses().values()),
            deliveries=store.ledger.deliveries(limit=MOST_DELIVERIES),
            counters=counters() if counters else {},
            resident_bytes=resident_bytes(),
            started=started,
        )
        return Response(exposition(vitals, now()), content_type=CONTENT_TYPE)


def exposition(vitals: Vitals, now: datetime) -> str:
    """The whole text, families in a stable order."""
    families = [
        *_of_rounds(vitals.rounds, now),
        *_of_meter(vitals.meter),
        _of_alarms(vitals.statuses),
        _of_deliveries(vitals.deliveries),
        *(
            _family(f"watchdeck_{name}", "Counted by the work process.", [({}, value)])
            for name, value in sorted(vitals.counters.items())
        ),
        _family(
            "process_resident_memory_bytes",
            "Resident memory of this process.",
            [({}, vitals.resident_bytes)],
        ),
        _family(
            "process_start_time_seconds",
            "Start of this process since the epoch.",
            [({}, vitals.started)],
        ),
    ]
    return "".join(family for family in families if family)


def resident_bytes() -> int:
    """Resident memory of this process; 0 where the system does not tell."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmRSS:")), "VmRSS: 0")
    return int(line.split()[1]) * 1024


def _of_rounds(rounds: Sequence[Round], now: datetime) -> list[str]:
    named = [({"collector": r.collector, **_place(r.place), "group": r.group}, r) for r in rounds]
    answered = {Result.OK, Result.PARTIAL}
    return [
        _family(
            "watchdeck_round_ok",
            "1 when the newest round was answered.",
            [(labels, float(r.result in answered)) for labels, r in named],
        ),
        _family(
            "watchdeck_round_age_seconds",
            "Since the newest round ended.",
            [(labels, (now - r.finished).total_seconds()) for labels, r in named],
        ),
        _family(
            "watchdeck_round_duration_seconds",
            "Length of the newest round.",
            [(labels, (r.finished - r.started).total_seconds()) for labels, r in named],
        ),
        _family(
            "watchdeck_round_lag_seconds",
            "From the end of the asked window to now.",
            [(labels, (now - r.window.end).total_seconds()) for labels, r in named if r.window],
        ),
        _family(
            "watchdeck_round_rows",
            "Rows of the newest round.",
            [(labels, float(r.rows)) for labels, r in named],
        ),
    ]


def _of_meter(meter: Sequence[MeterEntry]) -> list[str]:
    named = [
        (
            {
                **_place(e.place),
                "service": e.service,
                "operation": e.operation,
                "collector": e.collector,
            },
            e,
        )
        for e in meter
    ]
    return [
        _family(
            "watchdeck_aws_calls_month",
            "Calls to AWS this month.",
            [(labels, float(e.calls)) for labels, e in named],
        ),
        _family(
            "watchdeck_aws_usd_month",
            "List price of the calls to AWS this month.",
            [(labels, float(e.usd)) for labels, e in named],
        ),
        _family(
            "watchdeck_aws_throttles_month",
            "Calls to AWS that were throttled this month.",
            [(labels, float(e.throttles)) for labels, e in named],
        ),
        _family(
            "watchdeck_aws_errors_month",
            "Calls to AWS that failed this month.",
            [(labels, float(e.errors)) for labels, e in named],
        ),
    ]


def _of_alarms(statuses: Sequence[AlarmStatus]) -> str:
    counted = Counter(status.state.value for status in statuses)
    samples = [({"state": state}, float(n)) for state, n in sorted(counted.items())]
    return _family("watchdeck_alarms", "Alarms by state.", samples)


def _of_deliveries(deliveries: Sequence[Delivery]) -> str:
    counted = Counter((d.channel, d.state.value) for d in deliveries)
    samples = [
        ({"channel": channel, "state": state}, float(n))
        for (channel, state), n in sorted(counted.items())
    ]
    said = f"Messages by outcome, of the newest {MOST_DELIVERIES}."
    return _family("watchdeck_deliveries", said, samples)


def _place(place: Place) -> dict[str, str]:
    return {"account": place.account, "region": place.region}


def _family(name: str, says: str, samples: Iterable[Sample]) -> str:
    lines = [f"{name}{_labels(labels)} {value:.10g}\n" for labels, value in samples]
    return f"# HELP {name} {says}\n# TYPE {name} gauge\n{''.join(lines)}" if lines else ""


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
