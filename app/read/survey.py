"""How every resource is and was over the last day: the one place where health is decided.

A resource is as bad as the worst of its firing alarms, its conditions and what
the inventory saw. A silence covers an alarm and the conditions on its metric.
A place that could not be asked lately is never called well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np

from app.catalogue.schema import Condition, Service
from app.model import written
from app.model.ids import Place, Resource
from app.model.states import Health
from app.model.time import Window, epoch_ms
from app.read.alarm_book import AlarmNow
from app.read.binding import Bound
from app.read.measures import Mask, Table, load_all, needs
from app.read.slots import Slots
from app.read.standing import Standing, Standings, groups_of
from app.read.verdicts import Judged, Verdict, judge, newest_known, state_verdict, verdicts
from app.store import Store

DAY = timedelta(hours=23, minutes=55)
"""What is looked at: all that memory surely holds, so that health never waits for files."""
TOO_OLD = timedelta(minutes=20)
"""Answers older than this say nothing of now, when asking has failed since."""


@dataclass(frozen=True, slots=True)
class Told:
    """A verdict with what told it: an alarm, a condition, or neither (the inventory)."""

    verdict: Verdict
    alarm: AlarmNow | None = None
    condition: Condition | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Judging:
    """What the conditions of one period came to; ``newest`` is told per resource."""

    table: Table
    judged: tuple[Judged, ...]
    newest: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ServiceSurvey:
    """Health of one service: ``told`` and ``verdicts`` stand in the order of the resources."""

    bound: Bound
    told: tuple[tuple[Told, ...], ...]
    alarms: tuple[AlarmNow, ...]
    judgings: tuple[Judging, ...]
    standing: Standing

    @property
    def service(self) -> Service:
        return self.bound.service

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The worst that was told of each resource."""
        return tuple(_worst(told) for told in self.told)

    @cached_property
    def general(self) -> tuple[Told, ...]:
        """Firing alarms that watch no resource that the inventory knows."""
        known = {resource.arn for resource in self.bound.resources}
        return tuple(
            Told(alarm_verdict(alarm), alarm=alarm)
            for alarm in self.alarms
            if alarm.is_firing and alarm.definition.resource not in known
        )

    @cached_property
    def verdict(self) -> Verdict:
        """The worst of everything; idle resources beside healthy ones do not count."""
        seen = [v for v in self.verdicts if v.health is not Health.NO_DATA]
        general = [told.verdict for told in self.general]
        nothing = Verdict(Health.NO_DATA, "No data" if self.verdicts else "No resources")
        return min([*seen, *general], key=lambda v: v.health.weight, default=nothing)


def survey(
    store: Store,
    several: Sequence[Bound],
    standings: Standings,
    alarms: Sequence[AlarmNow],
    now: datetime,
) -> list[ServiceSurvey]:
    """Judge every resource of the services, reading each period's values once."""
    places = sorted({resource.place for bound in several for resource in bound.resources})
    standing = {
        (bound.service.id, place): standings.of_service(bound.service, [place])
        for bound in several
        for place in places
    }
    judgings = _judgings(store, several, standings, standing, now)
    return [
        _surveyed(bound, judgings[bound.service.id], standing, alarms, standings, now)
        for bound in several
    ]


def alarm_verdict(alarm: AlarmNow) -> Verdict:
    """What a firing alarm says of what it watches."""
    status = alarm.status
    reason = f"Alarm {alarm.definition.name} is in ALARM."
    if alarm.silence is not None:
        reason = f"Alarm {alarm.definition.name} is in ALARM and silenced."
    return Verdict(alarm.health, reason, status.since if status else None)


def _judgings(
    store: Store,
    several: Sequence[Bound],
    standings: Standings,
    standing: Mapping[tuple[str, Place], Standing],
    now: datetime,
) -> dict[str, list[Judging]]:
    found: dict[str, list[Judging]] = {bound.service.id: [] for bound in several}
    periods = sorted({c.period for bound in several for c in bound.service.health})
    for period in periods:
        slots = Slots.over(Window(now - DAY, now), period)
        asked = [(b, [c for c in b.service.health if c.period == period]) for b in several]
        sheet = load_all(store, [_needed(b, conditions) for b, conditions in asked], slots)
        for bound, conditions in asked:
            table = Table(bound, sheet, answered(standings, bound, slots))
            newest = tuple(
                _newest_whole(standing[bound.service.id, r.place].as_of, slots)
                for r in bound.resources
            )
            judged = tuple(judge(condition, table) for condition in conditions)
            found[bound.service.id].append(Judging(table, judged, newest))
    return found


def answered(standings: Standings, bound: Bound, slots: Slots) -> Mask:
    """For each resource the slots for which AWS has answered in its place."""
    groups = groups_of(bound.service)
    places = {resource.place for resource in bound.resources}
    masks = {p: slots.inside(standings.answered(p, groups).windows) for p in places}
    mask = np.zeros((len(bound.resources), slots.count), dtype=bool)
    for row, resource in enumerate(bound.resources):
        mask[row] = masks[resource.place]
    return mask


def _needed(bound: Bound, conditions: Sequence[Condition]) -> dict[str, list[int]]:
    everything = range(len(bound.resources))
    return needs(bound, [condition.measure for condition in conditions], everything)


def _newest_whole(as_of: datetime | None, slots: Slots) -> int:
    if as_of is None:
        return slots.count - 1
    whole = (epoch_ms(as_of) - slots.start_ms) // slots.step_ms - 1
    return int(min(max(whole, 0), slots.count - 1))


def _surveyed(
    bound: Bound,
    judgings: Sequence[Judging],
    standing: Mapping[tuple[str, Place], Standing],
    alarms: Sequence[AlarmNow],
    standings: Standings,
    now: datetime,
) -> ServiceSurvey:
    own = tuple(alarm for alarm in alarms if alarm.definition.service == bound.service.id)
    firing: dict[str, list[AlarmNow]] = {}
    for alarm in own:
        if alarm.is_firing:
            firing.setdefault(alarm.definition.resource, []).append(alarm)
    held, has_values = _held(judgings)
    told = tuple(
        _told(
            bound.service,
            resource,
            firing.get(resource.arn, []),
            held.get(row, []),
            _quiet(standing[bound.service.id, resource.place], row in has_values, now),
        )
        for row, resource in enumerate(bound.resources)
    )
    places = {resource.place for resource in bound.resources}
    overall = standings.of_service(bound.service, places)
    return ServiceSurvey(bound, told, own, tuple(judgings), overall)


def _held(judgings: Sequence[Judging]) -> tuple[dict[int, list[Told]], set[int]]:
    """What holds now for each resource, and which resources have values at all."""
    held: dict[int, list[Told]] = {}
    has_values: set[int] = set()
    for judging in judgings:
        for judged in judging.judged:
            found = verdicts(judged, judging.table, judging.newest)
            for row, verdict in found.items():
                held.setdefault(row, []).append(Told(verdict, condition=judged.condition))
            has_values |= {
                row
                for at, row in enumerate(judged.rows)
                if newest_known(judged.known[at], judging.newest[row]) is not None
            }
    return held, has_values


def _told(
    service: Service,
    resource: Resource,
    firing: Sequence[AlarmNow],
    held: Sequence[Told],
    quiet: Verdict,
) -> tuple[Told, ...]:
    """Everything told of one resource, the worst first; ``quiet`` if nothing else was."""
    muted = {a.definition.put.get("MetricName") for a in firing if a.silence is not None}
    told = [Told(alarm_verdict(alarm), alarm=alarm) for alarm in firing]
    told += [_muted(each) if _is_muted(each, muted) else each for each in held]
    state = state_verdict(service.states, resource)
    if state is not None:
        told.append(Told(state))
    if not told or quiet.health is Health.COULD_NOT_ASK:
        told.append(Told(quiet))
    return tuple(sorted(told, key=lambda each: each.verdict.health.weight))


def _is_muted(told: Told, muted: set[object]) -> bool:
    return told.condition is not None and bool(muted & set(told.condition.measure.metrics))


def _muted(told: Told) -> Told:
    return replace(told, verdict=replace(told.verdict, health=Health.SILENCED))


def _quiet(standing: Standing, has_values: bool, now: datetime) -> Verdict:
    """The state of a resource of which nothing bad is told."""
    if standing.problem is not None:
        age = None if standing.as_of is None else now - standing.as_of
        if age is None or age > TOO_OLD:
            last = "never answered" if age is None else f"last answer {written.ago(age)} ago"
            reason = f"{standing.problem.message or 'AWS gave no answer'} ({last})"
            return Verdict(Health.COULD_NOT_ASK, reason, standing.since)
    if has_values:
        return Verdict(Health.OK, "No alarm fires and no condition holds.")
    return Verdict(Health.NO_DATA, "No data in the last 15 minutes.")


def _worst(told: Sequence[Told]) -> Verdict:
    return min((each.verdict for each in told), key=lambda v: v.health.weight)
