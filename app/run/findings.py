"""Checks in the running process, and what ``watchdeck findings`` tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from alerts import findings
from app.catalogue import Catalogue, load_catalogue
from app.config import Settings
from app.model.errors import ConfigError
from app.model.findings import CheckRun, Finding, FindingKind
from app.model.ids import Place
from app.read import FindingRow, FindingsAnswer, Reads
from app.read.books import Books
from app.read.budgets import home
from app.read.spend import CostsReader
from app.run import show
from app.run.clock import utc_now
from app.run.exits import Exit
from app.run.report_store import opened
from app.run.wiring import budgets_of
from app.store import Store


def look(store: Store, catalogue: Catalogue, settings: Settings, now: datetime) -> int:
    """Run every check that is on over what is stored; how many findings stand.

    What is found in the bill belongs to the paying account, so its place comes first.
    """
    paying = home(settings.accounts, settings.collection.spend.payers)
    known = [Place(a.id, region) for a in settings.accounts for region in a.regions]
    places = sorted(known, key=lambda place: place != paying)
    books = Books(store, catalogue)
    prices = CostsReader(books, places).prices(now)
    collected = settings.collection.services
    services = None if collected == "all" else collected
    rules = findings.chosen(findings.RULES, settings.findings.off, services)
    budgets = budgets_of(store, catalogue, settings)
    facts = findings.Facts(books, paying, now, prices, budgets)
    runs, found = findings.run_checks(facts, rules, places)
    findings.keep(store, runs, found, now)
    _tell(store, settings, runs, found, now)
    return len(found)


def _tell(
    store: Store,
    settings: Settings,
    runs: Sequence[CheckRun],
    found: Sequence[Finding],
    now: datetime,
) -> None:
    """Whom the settings name hears of new findings; without a severity nobody does."""
    least = settings.findings.notify
    if least is not None:
        channels = settings.findings.channels or settings.notifications.default
        configured = [each.waiver for each in settings.findings.waivers]
        waivers = [*configured, *store.findings.waivers(now)]
        findings.tell(
            store.ledger, findings.Hearers(tuple(channels), least, waivers), runs, found, now
        )


def run(settings: Settings, *, json: bool) -> int:
    """Look now, over what is stored, and show what stands."""
    with _reads(settings) as reads:
        look(reads.store, reads.catalogue, settings, utc_now())
    return listed(settings, None, waived=False, json=json)


def listed(settings: Settings, kind: str | None, *, waived: bool, json: bool) -> int:
    """Show what stands, the dearest first, and which checks could not look."""
    kinds = [_kind(kind)] if kind else list(FindingKind)
    with _reads(settings) as reads:
        answer = reads.findings.all(reads.places, utc_now(), kinds).value
    rows = answer.waived if waived else answer.rows
    if json:
        show.as_json(
            {
                "usd_a_month": answer.usd,
                "rows": [_plain(row) for row in rows],
                "could_not_look": _blind(answer),
            }
        )
        return Exit.OK
    show.table(
        ("check", "resource", "where", "USD/month", "severity", "why"),
        [_cells(row) for row in rows],
        empty="Nothing was found." if answer.runs else "No check has looked yet.",
    )
    show.lines(_counted(answer))
    return Exit.OK


def waive(settings: Settings, check: str, resource: str, reason: str, until: str) -> int:
    """Hide what a check says of a resource until a day."""
    now = utc_now()
    with _reads(settings) as reads:
        answer = reads.findings.all(reads.places, now).value
        found = [row.finding for row in answer.rows if row.check.id == check]
        chosen = _chosen(found, check, resource)
        try:
            kept = reads.findings.waive(chosen, reason, "command line", now, _end(until, now))
        except ValueError as error:
            raise ConfigError(str(error)) from None
    show.lines([f"{check} of {chosen.name} is waived until {kept.expires:%Y-%m-%d}."])
    return Exit.OK


def _chosen(found: list[Finding], check: str, resource: str) -> Finding:
    chosen = [each for each in found if resource in (each.resource, each.name)]
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        several = "\n".join(f"  {each.resource}" for each in chosen)
        raise ConfigError(f"`{resource}` may be several resources; name one of these\n{several}")
    known = ", ".join(sorted(each.name for each in found)[:10]) or "nothing"
    raise ConfigError(f"{check} says nothing of `{resource}`; it stands for {known}")


def _end(until: str, now: datetime) -> datetime:
    """``90d``, or a day."""
    if until.endswith("d") and until[:-1].isdigit():
        return now + timedelta(days=int(until[:-1]))
    try:
        day = datetime.fromisoformat(until)
    except ValueError:
        raise ConfigError(f"`{until}` is neither a day (2027-01-31) nor a time (90d)") from None
    return (day if day.tzinfo else day.replace(tzinfo=now.tzinfo)) + timedelta(days=1)


def _kind(text: str) -> FindingKind:
    if text not in list(FindingKind):
        raise ConfigError(f"there is no kind `{text}`; known are {', '.join(FindingKind)}")
    return FindingKind(text)


def _cells(row: FindingRow) -> tuple[str, ...]:
    finding = row.finding
    usd = "" if finding.usd is None else f"{finding.usd:,.2f}"
    why = finding.reason if row.waiver is None else f"waived: {row.waiver.reason}"
    return row.check.id, finding.name, str(finding.place), usd, finding.severity.value, why


def _counted(answer: FindingsAnswer) -> list[str]:
    amount = f"{answer.usd:,.2f} USD a month, each resource once"
    unpriced = f", {answer.unpriced} without an amount" if answer.unpriced else ""
    told = [f"{show.counted(len(answer.rows), 'finding')}: {amount}{unpriced}."]
    if answer.waived:
        told.append(f"{show.counted(len(answer.waived), 'finding')} waived.")
    return told + [f"Could not look: {text}" for text in _blind(answer)]


def _blind(answer: FindingsAnswer) -> list[str]:
    """Checks that lacked something, by what they lack."""
    ids: dict[str, list[str]] = {}
    for run_ in answer.runs:
        if run_.message:
            ids.setdefault(f"{run_.place}: {run_.message}", []).append(run_.check.id)
    return [f"{', '.join(checks)} ({why})" for why, checks in ids.items()]


def _plain(row: FindingRow) -> dict[str, Any]:
    waiver = asdict(row.waiver) if row.waiver else None
    return {
        **asdict(row.finding),
        "title": row.check.title,
        "advice": row.check.advice,
        "waiver": waiver,
    }


@contextmanager
def _reads(settings: Settings) -> Iterator[Reads]:
    with opened(settings) as store:
        yield Reads(store, load_catalogue(settings.catalogue.extras), settings)
