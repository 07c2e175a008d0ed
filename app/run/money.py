"""What the running process does about money: points of the bill, and digests that are due."""

from __future__ import annotations

from datetime import datetime

from alerts import digest
from alerts.budgets import batch
from app.model.ids import Place
from app.read.books import Books
from app.read.findings import FindingsReader
from app.read.spend import SpendReader
from app.run.wiring import Parts
from app.store import Lease


def note_spend(parts: Parts, lease: Lease, now: datetime) -> None:
    """Write what the bill and the budgets stand at as points of series."""
    values = parts.spend_series.values(parts.store.spend.version, now)
    points = batch(values, parts.budgets.place, now)
    if points is not None:
        parts.store.commit(points, lease=lease, now=now)


def send_digests(parts: Parts, now: datetime) -> int:
    """Put the digests that are due on record; how many. One without a bill waits for it."""
    settings, ledger = parts.settings.money.digest, parts.store.ledger
    place = parts.budgets.place
    channels = settings.channels or parts.settings.notifications.default
    count = 0
    for each in digest.due(settings, place, ledger, now):
        told = digest.compose(_sources(parts), each.window, settings.movers, now)
        if told is not None:
            digest.put_on_record(each, told, place, channels, ledger, now)
            count += 1
    return count


def _sources(parts: Parts) -> digest.Sources:
    books = Books(parts.store, parts.catalogue)
    waivers = [each.waiver for each in parts.settings.findings.waivers]
    places = [Place(a.id, region) for a in parts.settings.accounts for region in a.regions]
    findings = FindingsReader(books, waivers)
    store = parts.store
    costs = parts.budgets.costs
    return digest.Sources(SpendReader(store), costs, parts.budgets, findings, places)
