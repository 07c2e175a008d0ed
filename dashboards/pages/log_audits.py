"""The table that tells whether log events are all there."""

from __future__ import annotations

from typing import Any

from app.model import written
from app.model.readings import Look, Reading
from app.model.states import Health
from app.read import Collection, GroupAudit
from dashboards.pages.tables import PlaceWords, moment
from dashboards.parts import Cell, Column, Seen, table_answer

AUDIT = (
    Column("state", "State", Cell.STATE, width=136, phone=True),
    Column("group", "Log group", flex=3, phone=True),
    Column("place", "Account, Region", width=196),
    Column("arrived", "Arrived", Cell.NUMBER, unit="count", width=110),
    Column("missing", "Missing", Cell.NUMBER, unit="count", width=100, phone=True),
    Column("left_out", "Left out", Cell.NUMBER, unit="count", width=110, says="By rules"),
    Column("until", "Counted until", Cell.TIME, width=130),
)
MOST_AUDITED = 500


def audits(
    found: Collection, reading: Reading[Collection], seen: Seen, words: PlaceWords
) -> list[Any]:
    """Whether the log events of the last day are all there."""
    missing = sum(each.missing for each in found.audits)
    shown = found.audits[:MOST_AUDITED]
    groups = f"{len(shown)} of {len(found.audits)} log groups"
    detail = f"{groups}, {written.value(missing, 'count')} events missing" if shown else ""
    look = Look.DATA if shown else Look.NOTHING
    return table_answer(
        [_audit(each, words) for each in shown],
        Reading(shown, look, reading.as_of),
        seen,
        detail=detail,
        empty="No log group has been counted in the last day.",
    )


def _audit(found: GroupAudit, words: PlaceWords) -> dict[str, Any]:
    health = Health.WARNING if found.missing else Health.OK
    return {
        "id": f"{found.place} {found.group}",
        "state": health.value,
        "group": found.group,
        "place": words(found.place),
        "arrived": found.arrived if found.until else None,
        "missing": found.missing if found.until else None,
        "left_out": found.left_out,
        "until": moment(found.until) if found.until else None,
    }
