"""Findings with their amounts: what could be saved, by resource, check and service.

The total counts a resource once, with its largest amount: two checks on one machine save
its cost once. Waived findings and what could not be looked at are counted apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from app.model.findings import (
    Check,
    CheckRun,
    Finding,
    FindingKind,
    FindingStatus,
    Waiver,
    waiver_of,
)
from app.model.ids import Place
from app.model.readings import Look, Reading
from app.read.books import Books


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding with its check, and the waiver that hides it."""

    finding: Finding
    check: Check
    waiver: Waiver | None = None


@dataclass(frozen=True, slots=True)
class FindingsAnswer:
    """``rows`` stand and are not waived, the dearest first; ``blind`` could not be looked at.

    ``usd`` is what the rows cost a month together, each resource once and no part of the
    bill, which holds what others tell of; ``unpriced`` of them
    have no amount. ``runs`` are the checks behind the answer.
    """

    rows: tuple[FindingRow, ...] = ()
    waived: tuple[FindingRow, ...] = ()
    blind: tuple[FindingRow, ...] = ()
    usd: Decimal = Decimal(0)
    unpriced: int = 0
    runs: tuple[CheckRun, ...] = ()


@dataclass(frozen=True, slots=True)
class FindingsReader:
    """Asks only what the last run of the checks has stored."""

    books: Books
    configured: Sequence[Waiver] = field(default=())

    def all(
        self,
        places: Collection[Place],
        now: datetime,
        kinds: Collection[FindingKind] = tuple(FindingKind),
    ) -> Reading[FindingsAnswer]:
        """Every finding of these kinds in these places."""
        return self._answer(places, now, kinds)

    def of_resource(self, arn: str, place: Place, now: datetime) -> Reading[FindingsAnswer]:
        """What was found about one resource."""
        return self._answer((place,), now, tuple(FindingKind), resource=arn)

    def of_service(
        self, service: str, places: Collection[Place], now: datetime
    ) -> Reading[FindingsAnswer]:
        """What was found about the resources of one service."""
        return self._answer(places, now, tuple(FindingKind), service=service)

    def gone(self, since: datetime) -> list[tuple[Finding, datetime]]:
        """Findings that went since then, with when."""
        return self.books.store.findings.gone(since)

    def waivers(self, now: datetime) -> list[Waiver]:
        """Waivers that hold, of the settings and of people."""
        written = self.books.store.findings.waivers(now)
        return [*(each for each in self.configured if now < each.expires), *written]

    def waive(
        self, finding: Finding, reason: str, author: str, now: datetime, until: datetime
    ) -> Waiver:
        """Hide one finding for a reason until a moment; ValueError where either is missing."""
        if not reason.strip():
            raise ValueError("Say why: a waiver needs a reason.")
        if until <= now:
            raise ValueError("A waiver must end in the future.")
        waiver = Waiver(
            _literal(finding.check), _literal(finding.resource), reason.strip(), author, now, until
        )
        return self.books.store.findings.waive(waiver)

    def end_waiver(self, id_: int, now: datetime) -> None:
        """Let a waiver that somebody made end now."""
        self.books.store.findings.end_waiver(id_, now)

    def _answer(
        self,
        places: Collection[Place],
        now: datetime,
        kinds: Collection[FindingKind],
        *,
        resource: str = "",
        service: str = "",
    ) -> Reading[FindingsAnswer]:
        store = self.books.store.findings
        wanted = set(places)
        runs = [
            run
            for run in store.runs()
            if run.place in wanted
            and run.check.kind in kinds
            and service in ("", run.check.service)
        ]
        checks = {run.check.id: run.check for run in runs}
        waivers = self.waivers(now)
        rows = [
            FindingRow(each, checks[each.check], waiver_of(each, waivers, now))
            for each in store.standing()
            if each.place in wanted and each.check in checks and resource in ("", each.resource)
        ]
        return _reading(answer_of(rows, runs), runs)


def answer_of(rows: Iterable[FindingRow], runs: Sequence[CheckRun]) -> FindingsAnswer:
    """Rows sorted into what stands, what is waived and what could not be looked at."""
    ordered = sorted(rows, key=_order)
    blind = tuple(r for r in ordered if r.finding.status is FindingStatus.ERROR)
    found = [r for r in ordered if r.finding.status is FindingStatus.ALARM]
    open_ = tuple(r for r in found if r.waiver is None)
    return FindingsAnswer(
        rows=open_,
        waived=tuple(r for r in found if r.waiver is not None),
        blind=blind,
        usd=together(r.finding for r in open_),
        unpriced=sum(r.finding.usd is None for r in open_),
        runs=tuple(runs),
    )


def together(findings: Iterable[Finding]) -> Decimal:
    """What findings cost a month together; each resource counts once, with its largest.

    Parts of the bill do not count: their amount is all of the part, and no saving.
    """
    largest: dict[str, Decimal] = {}
    for each in findings:
        if each.usd is not None and not each.is_of_bill:
            largest[each.resource] = max(each.usd, largest.get(each.resource, Decimal(0)))
    return sum(largest.values(), Decimal(0))


def _reading(answer: FindingsAnswer, runs: Sequence[CheckRun]) -> Reading[FindingsAnswer]:
    if not runs:
        return Reading(answer, Look.NOT_COLLECTED)
    as_of = min(run.at for run in runs)
    if answer.rows or answer.waived:
        return Reading(answer, Look.DATA, as_of)
    looked = any(not run.message for run in runs)
    return Reading(answer, Look.NOTHING if looked else Look.COULD_NOT_ASK, as_of)


def _order(row: FindingRow) -> tuple[Decimal, int, str, str]:
    finding = row.finding
    return (-(finding.usd or Decimal(0)), finding.severity.weight, finding.check, finding.name)


def _literal(text: str) -> str:
    """A glob that only this text matches."""
    return "".join(f"[{each}]" if each in "*?[" else each for each in text)
