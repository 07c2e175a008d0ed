"""Tries what stands in the form, and saves it: who, when and why stay on record.

What stands in the settings or in AWS is changed there. A recommended alarm that is edited
becomes an own one of the same name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.composites import CompositeBook
from alerts.further import definition_of
from alerts.lint import Finding, Linter, rate_of
from alerts.rehearse import Comparison, Rehearsal, Rehearser, compare
from alerts.writing.draft import Draft, put_of
from app.catalogue import Catalogue
from app.model.alarm_parameters import parameters
from app.model.alarms import AlarmDefinition, Origin, Severity
from app.model.ids import Place
from app.model.own_alarms import Version
from app.model.time import Window
from app.store import Store

_ELSEWHERE = {
    Origin.CONFIG: "It stands in config.yaml, and is changed there.",
    Origin.BUDGET: "It belongs to a budget, and is changed there.",
    Origin.ACCOUNT: "It stands in AWS, and is changed there; give yours another name.",
}


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """What the form would do. ``problems`` keep it from being saved.

    ``before`` is the rehearsal of the alarm as it is, where it is something else.
    """

    problems: tuple[str, ...]
    definition: AlarmDefinition | None = None
    rehearsal: Rehearsal | None = None
    before: Rehearsal | None = None
    beside: Comparison | None = None
    findings: tuple[Finding, ...] = ()


class Writer:
    """Over one store. ``places`` maps ``account/region`` to places, accounts by id or name."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        places: Mapping[str, Place],
        channels: Sequence[str],
        unusual: Sequence[tuple[float, float]] = (),
    ) -> None:
        self._store, self._catalogue = store, catalogue
        self._places, self._channels = places, tuple(channels)
        self._rehearser = Rehearser(store, catalogue, unusual)
        self._linter = Linter(store, catalogue, unusual)

    def existing(self, alarm: str) -> AlarmDefinition | None:
        """The alarm of that id as it stands now, written moments ago perhaps."""
        versions = [each for each in self._store.own_alarms.standing() if each.alarm == alarm]
        found = self._store.ledger.definitions([alarm])
        if versions and not (found and found[0].origin is Origin.CONFIG):
            newest = versions[0]
            return self._defined(newest.put or {}, newest.place, newest.severity, newest.channels)
        return found[0] if found else None

    def preview(self, draft: Draft, window: Window, now: datetime) -> Preview:
        """Rehearse and lint what stands in the form."""
        definition, problems = self._read(draft)
        if definition is None or problems:
            return Preview(tuple(problems), definition)
        known = self._store.ledger.definitions()
        rehearsal = self._rehearser.rehearse(definition, window, reasons=False)
        rates = {definition.id: rate_of(rehearsal)}
        found = self._linter.lint([definition], now, among=known, rates=rates)[definition.id]
        saved = self.existing(definition.id)
        before = None
        if saved is not None and parameters(saved.put) != parameters(definition.put):
            before = self._rehearser.rehearse(saved, window, reasons=False)
        return Preview(
            problems=(),
            definition=definition,
            rehearsal=rehearsal,
            before=before,
            beside=compare(before, rehearsal) if before else None,
            findings=tuple(each for each in found if each.trap != "refused"),
        )

    def save(self, draft: Draft, edited: str, said: tuple[str, str], now: datetime) -> Version:
        """Keep what stands in the form; ValueError says why not.

        ``edited`` is the id of the alarm that was opened, "" for a new one; ``said`` is who
        and why.
        """
        definition, problems = self._read(draft)
        problems += self._in_the_way(definition, edited) if definition else []
        author, comment = said
        if not comment.strip():
            problems.append("Write a reason first.")
        if definition is None or problems:
            raise ValueError(" ".join(problems))
        return self._store.own_alarms.add(
            Version(
                alarm=definition.id,
                put=definition.put,
                at=now,
                author=author,
                comment=comment.strip(),
                severity=definition.severity,
                channels=definition.channels,
            )
        )

    def remove(self, alarm: str, said: tuple[str, str], now: datetime) -> Version:
        """Take an own alarm away; ValueError says why not."""
        author, comment = said
        if not self.is_own(alarm):
            raise ValueError("Only alarms that were written here can be removed here.")
        if not comment.strip():
            raise ValueError("Write a reason first.")
        return self._store.own_alarms.add(Version(alarm, None, now, author, comment.strip()))

    def is_own(self, alarm: str) -> bool:
        """Whether the alarm was written on a page."""
        return any(each.alarm == alarm for each in self._store.own_alarms.standing())

    def history(self, alarm: str) -> list[Version]:
        """Who wrote what, newest first."""
        return self._store.own_alarms.history(alarm) if alarm else []

    def _read(self, draft: Draft) -> tuple[AlarmDefinition | None, list[str]]:
        put, problems = put_of(draft)
        place = self._places.get(draft.place.strip())
        if place is None:
            problems.append(f"Say where it belongs: {', '.join(self._named())}.")
        unknown = [name for name in draft.told if name not in self._channels]
        if unknown:
            known = ", ".join(self._channels) or "none"
            problems.append(f"There is no channel {', '.join(unknown)}; known are {known}.")
        if place is None or not put.get("AlarmName"):
            return None, problems
        return self._defined(put, place, Severity(draft.severity), draft.told), problems

    def _named(self) -> list[str]:
        return [name for name in self._places if not name[:1].isdigit()]

    def _defined(
        self,
        put: Mapping[str, object],
        place: Place,
        severity: Severity,
        channels: Sequence[str],
    ) -> AlarmDefinition:
        resources = self._store.resources.find(places=[place])
        return definition_of(
            put, place, self._catalogue, resources, severity=severity, channels=channels
        )

    def _in_the_way(self, definition: AlarmDefinition, edited: str) -> list[str]:
        """Another alarm of that name, or a rule that would not hold with the others."""
        known = {each.id: each for each in self._store.ledger.definitions()}
        there = known.get(definition.id)
        if there is not None and there.origin in _ELSEWHERE:
            return [_ELSEWHERE[there.origin]]
        if edited != definition.id and (there is not None or self.is_own(definition.id)):
            return ["There is an alarm of this name already; open it to change it."]
        known[definition.id] = definition
        broken = CompositeBook.of(list(known.values())).broken.get(definition.id)
        return [f"{broken[:1].upper()}{broken[1:].rstrip('.')}."] if broken else []
