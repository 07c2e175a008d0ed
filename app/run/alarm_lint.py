"""``watchdeck alarms lint``: the traps that alarms stand in, with the way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alerts.lint import Finding, Linter, Weight
from app.catalogue import load_catalogue
from app.config import Settings
from app.model.alarms import AlarmDefinition, Origin
from app.run import show
from app.run.alarm_files import alarm_of
from app.run.clock import utc_now
from app.run.exits import Exit
from app.run.report_alarms import named
from app.run.report_store import opened

MOST_REHEARSED = 300
"""With more alarms than this none is rehearsed, which would take minutes."""


def lint(
    settings: Settings, name: str | None, file: str | None, place: str | None, *, json: bool
) -> int:
    """Tell every finding; exits with 1 where an alarm cannot work as it is."""
    with opened(settings) as store:
        known = store.ledger.definitions()
        chosen = _chosen(settings, known, name, file, place)
        linter = Linter(
            store, load_catalogue(settings.catalogue.extras), settings.alarms.unusual_stretches
        )
        rates: dict[str, float | None] | None = None if len(chosen) <= MOST_REHEARSED else {}
        found = linter.lint(chosen, utc_now(), among=known, rates=rates)
    if json:
        show.as_json([_plain(each, found[each.id]) for each in chosen if found[each.id]])
    else:
        _tell(chosen, found)
    broken = any(f.weight is Weight.ERROR for several in found.values() for f in several)
    return Exit.FAILED if broken else Exit.OK


def _chosen(
    settings: Settings,
    known: Sequence[AlarmDefinition],
    name: str | None,
    file: str | None,
    place: str | None,
) -> list[AlarmDefinition]:
    if file:
        return [alarm_of(settings, file, place, ())]
    if name:
        return [named(known, name)]
    return [each for each in known if each.origin is not Origin.BUDGET]  # made here, not written


def _tell(chosen: Sequence[AlarmDefinition], found: Mapping[str, Sequence[Finding]]) -> None:
    counts = dict.fromkeys(Weight, 0)
    for each in chosen:
        if not found[each.id]:
            continue
        show.lines([each.id])
        for finding in found[each.id]:
            counts[finding.weight] += 1
            show.lines([f"  {finding.weight:<8} {finding.trap}", f"    {finding.says}"])
            show.lines([f"    {finding.fix}{_change(finding)}"])
    told = ", ".join(show.counted(count, weight) for weight, count in counts.items() if count)
    show.lines([f"{show.counted(len(chosen), 'alarm')}: {told or 'nothing found'}"])


def _change(finding: Finding) -> str:
    fields = ", ".join(f"{name}={value}" for name, value in finding.change.items() if value)
    return f" ({fields})" if fields else ""


def _plain(definition: AlarmDefinition, found: Sequence[Finding]) -> dict[str, Any]:
    return {"alarm": definition.id, "findings": found}
