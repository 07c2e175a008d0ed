"""Looks for traps in defined alarms, with what the store knows of their metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from alerts.lint.case import Case, Facts, Finding
from alerts.lint.facts import facts_of
from alerts.lint.traps import findings
from alerts.rehearse import Rehearsal, Rehearser
from alerts.verdict import Rule
from app.catalogue import Catalogue
from app.model.alarms import AlarmDefinition
from app.model.ids import Place
from app.model.time import Window
from app.model.watching import Input, inputs
from app.query.alarm_rule import parse, refs
from app.query.lang import QueryError
from app.store import Store

REHEARSED, LEAST = timedelta(days=14), timedelta(days=1)
Others = dict[Place, dict[str, Mapping[str, Any]]]


class Linter:
    """Lints alarms over one store; asks AWS nothing."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        unusual: Sequence[tuple[float, float]] = (),
    ) -> None:
        self._store, self._catalogue = store, catalogue
        self._rehearser = Rehearser(store, catalogue, unusual)

    def lint(
        self,
        definitions: Sequence[AlarmDefinition],
        now: datetime,
        *,
        among: Sequence[AlarmDefinition] = (),
        rates: Mapping[str, float | None] | None = None,
    ) -> dict[str, list[Finding]]:
        """What each alarm stands in, by its id; ``among`` are all alarms there are.

        ``rates`` are pages a week by id, for alarms that would be raised too often; without
        them each alarm is rehearsed, which takes a moment.
        """
        watched = {each.id: _first(each) for each in definitions}
        known = facts_of(
            self._store, self._catalogue, [each for each in watched.values() if each], now
        )
        others = _others((*among, *definitions))
        parents = _parents(others)
        window = Window(now - REHEARSED, now)
        found = {}
        for each in definitions:
            own = watched[each.id]
            rate = self._rate(each, window) if rates is None else rates.get(each.id)
            case = _case(each, known[own] if own else None, others, parents, rate)
            found[each.id] = findings(case)
        return found

    def _rate(self, definition: AlarmDefinition, window: Window) -> float | None:
        if definition.put.get("AlarmRule") is not None:
            return None
        return rate_of(self._rehearser.rehearse(definition, window, reasons=False))


def rate_of(rehearsal: Rehearsal) -> float | None:
    """Pages a week, where enough was judged to say so."""
    judged = rehearsal.window.length - rehearsal.unasked
    return None if rehearsal.problem or judged < LEAST else rehearsal.pages_per_week


def _case(
    each: AlarmDefinition,
    facts: Facts | None,
    others: Others,
    parents: Mapping[tuple[Place, str], list[str]],
    rate: float | None,
) -> Case:
    return Case(
        put=each.put,
        rule=_rule(each.put),
        facts=facts,
        told=bool(each.channels or each.put.get("AlarmActions")),
        others=others[each.place],
        parents=tuple(parents.get((each.place, each.name), ())),
        pages_per_week=rate,
    )


def _first(definition: AlarmDefinition) -> Input | None:
    """The metric of an alarm; of an expression with one metric (a band) that one."""
    found = inputs(definition)
    return found[0] if len(found) == 1 else None


def _rule(put: Mapping[str, Any]) -> Rule | None:
    """None for composites, and for what is too ill written to be one."""
    try:
        return Rule.of(put)
    except (KeyError, TypeError, ValueError):
        return None


def _others(definitions: Sequence[AlarmDefinition]) -> Others:
    found: Others = {}
    for each in definitions:
        found.setdefault(each.place, {})[each.name] = each.put
    return found


def _parents(others: Others) -> dict[tuple[Place, str], list[str]]:
    """Which composites look at an alarm."""
    found: dict[tuple[Place, str], list[str]] = {}
    for place, alarms in others.items():
        for name, put in alarms.items():
            for child in _children(put):
                found.setdefault((place, child), []).append(name)
    return found


def _children(put: Mapping[str, Any]) -> list[str]:
    try:
        named = refs(parse(str(put["AlarmRule"]))) if put.get("AlarmRule") else []
    except QueryError:
        return []
    return [
        ref.name.split(":", 6)[-1] if ref.name.startswith("arn:") else ref.name for ref in named
    ]
