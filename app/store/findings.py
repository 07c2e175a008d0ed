"""What checks found, what of it is gone, and which findings somebody lives with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, select, update

from app.model.findings import (
    Check,
    CheckRun,
    Finding,
    FindingKind,
    FindingSeverity,
    FindingStatus,
    UnitPrice,
    Waiver,
)
from app.model.ids import Place
from app.store import findings_schema
from app.store.catalog import Catalog, Upsert, grow
from app.store.seen import Seen

KEPT = timedelta(days=90)
"""How long a finding that is gone, and a waiver that has ended, can be looked up."""

_F, _R, _W = findings_schema.findings.c, findings_schema.check_runs.c, findings_schema.waivers.c
_WRITE, _WRITE_RUN = Upsert(findings_schema.findings), Upsert(findings_schema.check_runs)


class Findings:
    """Findings, runs of checks, waivers; ``version`` grows with each change."""

    def __init__(self, catalog: Catalog, seen: Seen) -> None:
        self._catalog, self._seen = catalog, seen

    @property
    def version(self) -> int:
        """Grows with every change that this process knows of; no SQL."""
        return self._seen.count("findings")

    def replace(self, runs: Sequence[CheckRun], found: Sequence[Finding], now: datetime) -> None:
        """Take over what all checks found; what none of them names is gone.

        A run with a message could not look: what it found before stays. What checks found that
        are not made any more, or in places that are not read any more, is gone as well.
        """
        blind = {(run.check.id, run.place) for run in runs if run.message}
        with self._catalog.write() as connection:
            changes = grow(connection, "findings")
            standing = _standing(connection)
            kept = {each.key: each for each in found if (each.check, each.place) not in blind}
            rows = [_row(each, standing.get(key), now) for key, each in kept.items()]
            _WRITE.run(connection, rows)
            lost = [
                key
                for key, each in standing.items()
                if (each.check, each.place) not in blind and key not in kept
            ]
            _lose(connection, lost, now)
            connection.execute(delete(findings_schema.check_runs))
            _WRITE_RUN.run(connection, [_run_row(run) for run in runs])
            connection.execute(delete(findings_schema.findings).where(_F.gone < now - KEPT))
        self._seen.note({"findings": changes})

    def standing(self) -> list[Finding]:
        """Every finding that stands, waived ones too, by check and resource."""
        with self._catalog.read() as connection:
            found = _standing(connection)
        return [found[key] for key in sorted(found)]

    def gone(self, since: datetime) -> list[tuple[Finding, datetime]]:
        """Findings that went since then, with when, newest first."""
        statement = (
            select(findings_schema.findings).where(_F.gone >= since).order_by(_F.gone.desc())
        )
        with self._catalog.read() as connection:
            return [(_finding(row), row.gone) for row in connection.execute(statement)]

    def runs(self) -> list[CheckRun]:
        """The last run of each check in each place."""
        statement = select(findings_schema.check_runs).order_by(_R.check_id, _R.account, _R.region)
        with self._catalog.read() as connection:
            return [_run(row) for row in connection.execute(statement)]

    def waive(self, waiver: Waiver) -> Waiver:
        """Keep a waiver; it comes back with its id."""
        row = {
            "check_id": waiver.check,
            "resource": waiver.resource,
            "reason": waiver.reason,
            "author": waiver.author,
            "at": waiver.at,
            "expires": waiver.expires,
        }
        statement = insert(findings_schema.waivers).returning(_W.id)
        with self._catalog.write() as connection:
            changes = grow(connection, "findings")
            kept = replace(waiver, id=connection.execute(statement, row).scalar_one())
        self._seen.note({"findings": changes})
        return kept

    def end_waiver(self, id_: int, now: datetime) -> None:
        """Let a waiver end now; one that has ended already stays as it is."""
        statement = (
            update(findings_schema.waivers)
            .where(_W.id == id_, _W.expires > now)
            .values(expires=now)
        )
        with self._catalog.write() as connection:
            changes = grow(connection, "findings")
            connection.execute(statement)
        self._seen.note({"findings": changes})

    def waivers(self, since: datetime | None = None) -> list[Waiver]:
        """Every waiver that ends after ``since``, or all that are known, oldest first."""
        statement = select(findings_schema.waivers).order_by(_W.id)
        if since is not None:
            statement = statement.where(_W.expires > since)
        with self._catalog.read() as connection:
            return [_waiver(row) for row in connection.execute(statement)]


def _standing(connection: Connection) -> dict[str, Finding]:
    statement = select(findings_schema.findings).where(_F.gone.is_(None))
    found = [_finding(row) for row in connection.execute(statement)]
    return {each.key: each for each in found}


def _lose(connection: Connection, keys: Sequence[str], now: datetime) -> None:
    for key in keys:
        check, _, resource = key.partition("|")
        this = and_(_F.check_id == check, _F.resource == resource)
        connection.execute(update(findings_schema.findings).where(this).values(gone=now))


def _row(finding: Finding, before: Finding | None, now: datetime) -> dict[str, Any]:
    return {
        "check_id": finding.check,
        "resource": finding.resource,
        "account": finding.place.account,
        "region": finding.place.region,
        "name": finding.name,
        "reason": finding.reason,
        "severity": finding.severity.value,
        "status": finding.status.value,
        "evidence": finding.evidence,
        "usd": finding.usd,
        "prices": [_price_row(each) for each in finding.prices],
        "first_seen": before.first_seen if before else now,
        "last_seen": now,
        "gone": None,
    }


def _finding(row: Row[Any]) -> Finding:
    return Finding(
        check=row.check_id,
        place=Place(row.account, row.region),
        resource=row.resource,
        name=row.name,
        reason=row.reason,
        severity=FindingSeverity(row.severity),
        status=FindingStatus(row.status),
        evidence=row.evidence,
        usd=row.usd,
        prices=tuple(_price(each) for each in row.prices),
        first_seen=row.first_seen,
    )


def _price_row(price: UnitPrice) -> dict[str, str]:
    return {
        "what": price.what,
        "usd": str(price.usd),
        "unit": price.unit,
        "source": price.source,
        "at": price.at.isoformat(),
    }


def _price(row: Mapping[str, str]) -> UnitPrice:
    at = date.fromisoformat(row["at"])
    return UnitPrice(row["what"], Decimal(row["usd"]), row["unit"], row["source"], at)


def _run_row(run: CheckRun) -> dict[str, Any]:
    check = run.check
    return {
        "check_id": check.id,
        "account": run.place.account,
        "region": run.place.region,
        "at": run.at,
        "title": check.title,
        "kind": check.kind.value,
        "severity": check.severity.value,
        "advice": check.advice,
        "service": check.service,
        "ok": run.ok,
        "alarm": run.alarm,
        "skip": run.skip,
        "error": run.error,
        "message": run.message,
    }


def _run(row: Row[Any]) -> CheckRun:
    kind, severity = FindingKind(row.kind), FindingSeverity(row.severity)
    check = Check(row.check_id, row.title, kind, severity, row.advice, row.service)
    place = Place(row.account, row.region)
    return CheckRun(check, place, row.at, row.ok, row.alarm, row.skip, row.error, row.message)


def _waiver(row: Row[Any]) -> Waiver:
    return Waiver(row.check_id, row.resource, row.reason, row.author, row.at, row.expires, row.id)
