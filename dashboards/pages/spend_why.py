"""Why spend changed: what moved between two weeks, and days that cost more than expected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from dash import Output
from dash.development.base_component import Component

from app.model import written
from app.model.spend import FactKind, SpendDimension, SpendFact
from app.model.time import Window
from app.read import Cause, Mover, Reads, SpendAnomaly, SpendFilter
from dashboards.pages.explorer_state import Chosen
from dashboards.pages.money_table import money_table
from dashboards.pages.spend_names import short
from dashboards.parts import (
    Cell,
    Column,
    Seen,
    row,
    table_outputs,
    table_panel,
)

DAY, WEEK = timedelta(days=1), timedelta(days=7)
MOST_MOVERS, LOOK_BACK = 12, timedelta(days=62)
CENT = Decimal("0.01")
MOVERS = (
    Column("name", "Service", Cell.NAME, flex=4, least=130, phone=True),
    Column("after", "7 days", Cell.NUMBER, unit="usd", width=84, phone=True),
    Column("more", "Difference", Cell.NUMBER, unit="usd", width=96, phone=True,
           says="Against the seven days before"),
    Column("mostly", "Mostly by", width=92,
           says="Volume: more or less was used. Price: a unit cost more or less. "
           "Mix: other usage types"),
    Column("volume", "Volume", Cell.NUMBER, unit="usd", width=84, wide=True),
    Column("price", "Price", Cell.NUMBER, unit="usd", width=80, wide=True),
    Column("mix", "Mix", Cell.NUMBER, unit="usd", width=80, wide=True),
)  # fmt: skip
UNUSUAL = (
    Column("day", "Days", width=108, phone=True),
    Column("name", "Service", Cell.NAME, flex=2, least=112, phone=True),
    Column("over", "Over", Cell.NUMBER, unit="usd", width=78, phone=True,
           says="What the days cost beyond what was expected of them"),
    Column("why", "What did", flex=5),
    Column("by", "Found by", width=96, wide=True),
)  # fmt: skip


def why_row(page: str) -> Component:
    """Movers beside unusual days."""
    return row(
        table_panel(page, "movers", "Top movers", MOVERS, span=5, height=330),
        table_panel(page, "unusual", "Unusual days", UNUSUAL, span=7, height=330),
    )


def why_outputs(page: str) -> list[Output]:
    """Filled by :func:`why_answer`."""
    return [*table_outputs(page, "movers"), *table_outputs(page, "unusual")]


def why_answer(
    reads: Reads, until: datetime, seen: Seen, where: tuple[SpendFilter, ...]
) -> list[Any]:
    """The seven whole days before ``until`` against those before them; then two months."""
    return [*_movers(reads, until, seen, where), *_unusual(reads, until, seen, where)]


def cause_words(causes: Sequence[Cause], most: int = 2) -> str:
    """ "EUC1-NatGateway-Bytes 92 % by volume, within component=images"."""
    return "; ".join(_cause(each) for each in causes[:most]) or "no single usage type"


def _cause(cause: Cause) -> str:
    share = written.value(round(100 * cause.share), "percent")
    how = {"volume": " by volume", "price": " by price", "new": ", new"}.get(cause.kind.value, "")
    within = f", within {' '.join(cause.of[0].key)}" if cause.of else ""
    return f"{' '.join(cause.key)} {share}{how}{within}"


def _movers(reads: Reads, until: datetime, seen: Seen, where: tuple[SpendFilter, ...]) -> list[Any]:
    after, before = Window(until - WEEK, until), Window(until - 2 * WEEK, until - WEEK)
    found = reads.costs.movers(before, after, seen.now, SpendDimension.SERVICE, where)
    moved = [each for each in found.value if abs(each.effects.change) >= CENT][:MOST_MOVERS]
    return money_table(
        [_mover(each) for each in moved],
        found,
        seen,
        f"up to {written.day(after.end - DAY)}, against the week before" if moved else "",
        "" if found.said else "Nothing moved between the last two weeks.",
    )


def _mover(mover: Mover) -> dict[str, Any]:
    (service, effects) = (mover.key[0], mover.effects)
    chosen = Chosen().keeping(SpendDimension.SERVICE, service)
    return {
        "id": service,
        "name": short(service),
        "name_href": chosen.href(by="USAGE_TYPE"),
        "after": float(effects.after),
        "more": float(effects.change),
        "mostly": "new" if mover.is_new else "gone" if mover.is_gone else effects.largest,
        "volume": _amount(effects.volume),
        "price": _amount(effects.price),
        "mix": _amount(effects.mix),
    }


def _amount(amount: Decimal) -> float | None:
    """Less than a cent is no effect."""
    return float(amount) if abs(amount) >= CENT else None


def _unusual(
    reads: Reads, until: datetime, seen: Seen, where: tuple[SpendFilter, ...]
) -> list[Any]:
    window = Window(until - LOOK_BACK, until)
    found = reads.costs.anomalies(window, seen.now, where)
    told = reads.spend.facts(FactKind.ANOMALY).value
    own = [_anomaly(each) for each in found.value]
    theirs = [_of_aws(each) for each in told if _start(each) in window and _passes(each, where)]
    rows = [*own, *(each for each in theirs if not _known(each, own))]
    rows.sort(key=lambda each: each["at"], reverse=True)
    return money_table(
        rows,
        found,
        seen,
        f"{len(rows)} since {written.day(window.start)}" if rows else "",
        f"No service cost clearly more than expected since {written.day(window.start)}.",
    )


def _passes(fact: SpendFact, where: tuple[SpendFilter, ...]) -> bool:
    """Whether a cause that AWS names lies in the accounts and Regions that are chosen."""
    causes = fact.content.get("causes") or ()
    fields = {SpendDimension.LINKED_ACCOUNT: "account", SpendDimension.REGION: "region"}
    asked = [(fields[f.dimension], f) for f in where if f.dimension in fields]
    return not asked or any(
        all((str(cause.get(name) or "") in f.values) != f.exclude for name, f in asked)
        for cause in causes
    )


def _known(theirs: dict[str, Any], own: list[dict[str, Any]]) -> bool:
    """Whether the same days of the same service were found here too, which then says both."""
    for each in own:
        same = each["name"] == theirs["name"]
        if same and each["at"] <= theirs["until"] and theirs["at"] <= each["until"]:
            each["by"] = "both"
            return True
    return False


def _anomaly(each: SpendAnomaly) -> dict[str, Any]:
    start, end = _midnight(each.day), _midnight(each.until)
    return {
        "id": f"{each.key[0]}|{each.day}",
        "at": each.day.isoformat(),
        "until": (each.until - DAY).isoformat(),
        "day": _days(start, end),
        "name": short(each.key[0]),
        "name_href": _href(each.key[0], start, end),
        "over": float(each.excess),
        "why": cause_words(each.causes),
        "by": "Watchdeck",
    }


def _of_aws(fact: SpendFact) -> dict[str, Any]:
    """An anomaly that AWS has found; it names its causes by usage type."""
    told = fact.content
    start = _start(fact)
    end = _moment(told.get("end")) or start
    service = str(told.get("dimension") or "")
    kinds = [str(c.get("usage_type") or "") for c in told.get("causes") or ()]
    return {
        "id": fact.key,
        "at": f"{start:%Y-%m-%d}",
        "until": f"{end:%Y-%m-%d}",
        "day": _days(start, end + DAY),
        "name": short(service) or "all services",
        "name_href": _href(service, start, end + DAY) if service else None,
        "over": float(str(told.get("impact") or 0)),
        "why": "; ".join(kind for kind in dict.fromkeys(kinds) if kind) or "no cause told",
        "by": "AWS",
    }


def _href(service: str, start: datetime, end: datetime) -> str:
    """The days around it by usage type, as the range of the page."""
    chosen = Chosen().keeping(SpendDimension.SERVICE, service)
    span = f"{start - 14 * DAY:%Y-%m-%dT%H:%MZ}..{end + 7 * DAY:%Y-%m-%dT%H:%MZ}"
    return f"{chosen.href(by='USAGE_TYPE')}&range={span}"


def _days(start: datetime, end: datetime) -> str:
    last = end - DAY
    if last <= start:
        return written.day(start)
    same = start.month == last.month
    return f"{start.day if same else written.day(start)} to {written.day(last)}"


def _start(fact: SpendFact) -> datetime:
    return _moment(fact.content.get("start")) or fact.read_at


def _moment(told: Any) -> datetime | None:
    if not told:
        return None
    at = datetime.fromisoformat(str(told))
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
