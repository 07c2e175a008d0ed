"""Which recommended alarms are on: services, tags, changes, and what was chosen on a page."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.engine import Engine
from alerts.rules import definitions
from app.catalogue import Catalogue, load_catalogue
from app.config import AlarmSettings
from app.model.alarms import AlarmDefinition, Choice, Severity, Switch
from app.model.ids import Resource
from tests.support.alarm_yard import ACCOUNT, NOON, PLACE, Yard

IN_FLIGHT = "watchdeck/sqs/in-flight/"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def queue(name: str, **tags: str) -> Resource:
    return Resource(
        arn=f"arn:aws:sqs:{PLACE.region}:{PLACE.account}:{name}",
        account=PLACE.account,
        region=PLACE.region,
        service="sqs",
        kind="queue",
        id=name,
        name=name,
        tags=tags,
        dimensions={"QueueName": name},
        configuration={"InFlightLimit": 1000},
    )


def made(
    catalogue: Catalogue, *resources: Resource, switches: Any = None, **settings: Any
) -> dict[str, AlarmDefinition]:
    """The alarms on messages in flight, by resource."""
    found = definitions(
        AlarmSettings.model_validate(settings), [ACCOUNT], catalogue, resources, switches=switches
    )
    flying = [each for each in found if each.name.startswith(IN_FLIGHT)]
    return {each.name.removeprefix(IN_FLIGHT): each for each in flying}


def switch(name: str, choice: Choice, threshold: float | None = None) -> dict[str, Switch]:
    id_ = f"{PLACE.account}/{PLACE.region}/{IN_FLIGHT}{name}"
    return {id_: Switch(id_, choice, NOON, "ada", "because", threshold)}


def test_tags_limit_what_is_on(catalogue: Catalogue) -> None:
    resources = [queue("a", env="prod"), queue("b", env="test"), queue("c")]
    found = made(catalogue, *resources, recommended="all", recommended_tags={"env": "pr*"})
    assert list(found) == ["a"]


def test_changes_switch_on_and_off_by_alarm_resource_and_tag(catalogue: Catalogue) -> None:
    resources = [queue("a", env="prod"), queue("b"), queue("c-old")]
    changes = [
        {"alarm": "sqs/*", "resource": "c-*", "enabled": False},
        {"alarm": "sqs/in-flight", "tags": {"env": "prod"}, "enabled": False},
    ]
    assert list(made(catalogue, *resources, recommended="all", recommended_changes=changes)) == [
        "b"
    ]
    changes = [{"alarm": "*/in-flight", "tags": {"env": "prod"}, "enabled": True}]
    assert list(made(catalogue, *resources, recommended_changes=changes)) == ["a"]


def test_the_last_change_that_says_a_thing_wins(catalogue: Catalogue) -> None:
    changes = [
        {"alarm": "sqs/*", "threshold": 5, "severity": "warning", "channels": ["x"]},
        {"alarm": "sqs/in-flight", "threshold": 7, "evaluation_periods": 3},
        {"alarm": "lambda/*", "threshold": 9},
    ]
    found = made(catalogue, queue("a"), recommended=["sqs"], recommended_changes=changes)["a"]
    assert found.put["Threshold"] == 7
    assert (found.put["EvaluationPeriods"], found.put["DatapointsToAlarm"]) == (3, 3)
    assert (found.severity, found.channels) == (Severity.WARNING, ("x",))


def test_what_was_chosen_on_a_page_wins_over_the_configuration(catalogue: Catalogue) -> None:
    off = switch("a", Choice.OFF)
    assert made(catalogue, queue("a"), recommended="all", switches=off) == {}
    on = switch("a", Choice.ON, threshold=12)
    assert made(catalogue, queue("a"), queue("b"), switches=on)["a"].put["Threshold"] == 12
    back = switch("a", Choice.CONFIGURED)
    assert made(catalogue, queue("a"), switches=back) == {}
    assert list(made(catalogue, queue("a"), recommended="all", switches=back)) == ["a"]


def test_a_switch_is_followed_at_the_next_tick(catalogue: Catalogue, tmp_path: Path) -> None:
    yard = Yard(tmp_path)
    yard.resources([queue("a")], NOON)
    engine = Engine(yard.store, catalogue, AlarmSettings(), [ACCOUNT])
    assert engine.tick(NOON).defined == 0
    on = switch("a", Choice.ON)
    yard.store.switches.add(list(on.values()))
    assert engine.tick(NOON + timedelta(minutes=1)).defined == 1
    assert [each.id for each in yard.store.ledger.definitions()] == list(on)
    yard.store.switches.add(list(switch("a", Choice.OFF).values()))
    assert engine.tick(NOON + timedelta(minutes=2)).defined == 0
    yard.close()
