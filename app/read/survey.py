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
from app.model.time import epoch_ms
from app.read.alarm_book import AlarmNow
from app.read.binding import Bound
from app.read.judging import Judging, Judgings
from app.read.slots import Slots
from app.read.standing import Standing, Standings
from app.read.verdicts import Verdict, newest_known, state_verdict, verdicts

TOO_OLD = timedelta(minutes=20)
"""Answers older than this say nothing of now, when asking has failed since."""


@dataclass(frozen=True, slots=True)
class Told:
    """A verdict with what told it: an alarm, a condition, or neither (the inventory)."""

    verdict: Verdict
    alarm: AlarmNow | None = None
    condition: Condition | None = None


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
    several: Sequence[Bound],
    judgings: Judgings,
    standings: Standings,
    alarms: Sequence[AlarmNow],
    now: datetime,
) -> list[ServiceSurvey]:
    """Say of every resource of the services how it is, from what was judged."""
    by_service: dict[str, list[AlarmNow]] = {}
    for alarm in alarms:
        by_service.setdefault(alarm.definition.service, []).append(alarm)
    return [
        _surveyed(
            bound,
            judgings[bound.service.id],
            standings,
            tuple(by_service.get(bound.service.id, ())),
            now,
        )
        for bound in several
    ]


def alarm_verdict(alarm: AlarmNow) -> Verdict:
    """What a firing alarm says of what it watches."""
    status = alarm.status
    reason = f"Alarm {alarm.title} is in ALARM."
    if alarm.silence is not None:
        reason = f"Alarm {alarm.title} is in ALARM and silenced."
    return Verdict(alarm.health, reason, status.since if status else None)


def _newest_whole(as_of: datetime | None, slots: Slots) -> int:
    if as_of is None:
        return slots.count - 1
    whole = (epoch_ms(as_of) - slots.start_ms) // slots.step_ms - 1
    return int(min(max(whole, 0), slots.count - 1))


def _surveyed(
    bound: Bound,
    judgings: Sequence[Judging],
    standings: Standings,
    alarms: tuple[AlarmNow, ...],
    now: datetime,
) -> ServiceSurvey:
    places = {resource.place for resource in bound.resources}
    standing = {place: standings.of_service(bound.service, [place]) for place in places}
    firing: dict[str, list[AlarmNow]] = {}
    for alarm in alarms:
        if alarm.is_firing:
            firing.setdefault(alarm.definition.resource, []).append(alarm)
    held, has_values = _held(judgings, standing)
    told = tuple(
        _told(
            bound.service,
            resource,
            firing.get(resource.arn, []),
            held.get(row, []),
            _quiet(standing[resource.place], row in has_values, now),
        )
        for row, resource in enumerate(bound.resources)
    )
    overall = standings.of_service(bound.service, places)
    return ServiceSurvey(bound, told, alarms, tuple(judgings), overall)


def _held(
    judgings: Sequence[Judging], standing: Mapping[Place, Standing]
) -> tuple[dict[int, list[Told]], set[int]]:
    """What holds now for each resource, and which resources have values at all."""
    held: dict[int, list[Told]] = {}
    has_values: set[int] = set()
    for judging in judgings:
        whole = {p: _newest_whole(each.as_of, judging.slots) for p, each in standing.items()}
        newest = [whole[resource.place] for resource in judging.bound.resources]
        for judged in judging.judged:
            found = verdicts(judged, judging.bound, judging.slots, newest)
            for row, verdict in found.items():
                held.setdefault(row, []).append(Told(verdict, condition=judged.condition))
            known = np.flatnonzero(newest_known(judged, newest) >= 0).tolist()
            has_values |= {judged.rows[at] for at in known}
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
