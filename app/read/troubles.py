"""The attention list: everything that needs somebody, in the order of the visual guide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.model import written
from app.model.ids import Place, Resource
from app.model.rounds import Result, Round
from app.model.states import Health
from app.read.alarm_book import AlarmNow
from app.read.alarm_words import breach_words, newest_point, unit_of
from app.read.remedies import remedy, result_words
from app.read.spending import Spending
from app.read.survey import ServiceSurvey, Told

MOST_ALIKE = 3
"""So many resources in one and the same trouble are listed; more become one line."""

Kind = Literal["alarm", "condition", "collection", "spend"]
FailingSince = Callable[[str, Place, str], datetime | None]
_OPEN = (Health.CRITICAL, Health.WARNING)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One line of the list; ``service``, ``arn`` or ``alarm`` (an id) say where to look."""

    kind: Kind
    health: Health
    title: str
    detail: str
    since: datetime | None
    service: str = ""
    arn: str = ""
    alarm: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What sentences need: the names of accounts."""

    accounts: Mapping[str, str]

    def place(self, place: Place) -> str:
        """A place as people call it: the account's name and the Region."""
        return f"{self.accounts.get(place.account, place.account)} {place.region}"


def troubles_of_services(
    surveys: Sequence[ServiceSurvey], words: Words, now: datetime
) -> list[Trouble]:
    """Firing alarms, then conditions that no alarm speaks of; within each the worst first."""
    return [
        *_sorted(_alarms(surveys, words, now)),
        *_sorted(t for surveyed in surveys for t in _conditions(surveyed, words)),
    ]


def troubles_of_collecting(
    failing: Sequence[Round], since: FailingSince, words: Words
) -> list[Trouble]:
    """Collecting that fails, one line for each account, Region, collector and outcome."""
    return _sorted(_failures(failing, since, words))


def troubles_of_bill(bill: Spending) -> list[Trouble]:
    """Watchdeck's own bill, once it comes near the cap."""
    return list(_bill(bill))


def _sorted(found: Iterable[Trouble]) -> list[Trouble]:
    return sorted(found, key=lambda t: (t.health.weight, -t.since.timestamp() if t.since else 0))


def _alarms(surveys: Sequence[ServiceSurvey], words: Words, now: datetime) -> Iterator[Trouble]:
    for surveyed in surveys:
        names = {r.arn: r.name or r.id for r in surveyed.bound.resources}
        for alarm in surveyed.alarms:
            if alarm.is_firing and alarm.silence is None:
                name = names.get(alarm.definition.resource, "")
                yield _alarm(surveyed, alarm, name, words, now)


def _alarm(
    surveyed: ServiceSurvey, alarm: AlarmNow, name: str, words: Words, now: datetime
) -> Trouble:
    definition, status = alarm.definition, alarm.status
    newest = newest_point(status.reason_data) if status else None
    since = status.since if status else None
    lasting = f" for {written.ago(now - since)}" if since else ""
    metric = surveyed.service.metric(str(definition.put.get("MetricName", "")))
    unit = unit_of(definition.put, metric.unit if metric else "")
    return Trouble(
        kind="alarm",
        health=alarm.health,
        title=f"{name or definition.name}: {breach_words(definition.put, newest, unit)}",
        detail=f"alarm {alarm.title}, {words.place(definition.place)}, in ALARM{lasting}",
        since=since,
        service=definition.service,
        arn=definition.resource,
        alarm=definition.id,
    )


def _conditions(surveyed: ServiceSurvey, words: Words) -> Iterator[Trouble]:
    """Conditions and states of resources that no firing alarm speaks of, alike ones together."""
    alike: dict[str, list[tuple[Resource, Told]]] = {}
    for resource, told in zip(surveyed.bound.resources, surveyed.told, strict=True):
        if any(each.alarm is not None for each in told):
            continue
        if told[0].verdict.health in _OPEN:
            title = told[0].condition.measure.title if told[0].condition else "state"
            alike.setdefault(title, []).append((resource, told[0]))
    for title, several in alike.items():
        if len(several) <= MOST_ALIKE:
            yield from (_condition(surveyed, one, told, words) for one, told in several)
        else:
            yield _together(surveyed, title, several)


def _condition(surveyed: ServiceSurvey, resource: Resource, told: Told, words: Words) -> Trouble:
    return Trouble(
        kind="condition",
        health=told.verdict.health,
        title=told.verdict.reason.rstrip("."),
        detail=f"{surveyed.service.title}, {words.place(resource.place)}",
        since=told.verdict.since,
        service=surveyed.service.id,
        arn=resource.arn,
    )


def _together(
    surveyed: ServiceSurvey, title: str, several: Sequence[tuple[Resource, Told]]
) -> Trouble:
    worst = min(several, key=lambda pair: pair[1].verdict.health.weight)[1].verdict
    begun = [told.verdict.since for _, told in several if told.verdict.since]
    return Trouble(
        kind="condition",
        health=worst.health,
        title=f"{len(several)} resources of {surveyed.service.title}: {title.lower()}",
        detail=f"for example: {worst.reason.rstrip('.')}",
        since=min(begun, default=None),
        service=surveyed.service.id,
    )


def _failures(failing: Sequence[Round], since: FailingSince, words: Words) -> Iterator[Trouble]:
    alike: dict[tuple[str, Place, Result], list[Round]] = {}
    for each in failing:
        alike.setdefault((each.collector, each.place, each.result), []).append(each)
    for (collector, place, result), several in alike.items():
        groups = several[0].group if len(several) == 1 else f"{len(several)} groups"
        begun = [at for r in several if (at := since(r.collector, r.place, r.group))]
        yield Trouble(
            kind="collection",
            health=Health.COULD_NOT_ASK,
            title=f"{collector.capitalize()} of {words.place(place)}: {result_words(result)}",
            detail=f"{groups}. {remedy(several[0], words.accounts)}",
            since=min(begun, default=None),
        )


def _bill(bill: Spending) -> Iterator[Trouble]:
    if bill.health is Health.OK:
        return
    ending = (
        f", about {written.value(bill.projected, 'usd')} by month's end" if bill.projected else ""
    )
    yield Trouble(
        kind="spend",
        health=bill.health,
        title=f"Watchdeck's own calls: {written.value(bill.month_to_date, 'usd')} this month",
        detail=f"cap {written.value(bill.cap, 'usd')}{ending}",
        since=None,
    )
