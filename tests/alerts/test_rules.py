"""Which alarms there are, from configuration and from the catalogue."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from alerts.rules import definitions, unknown_services
from app.catalogue import Catalogue, load_catalogue
from app.config import AlarmSettings
from app.model.alarms import AlarmDefinition, Origin, Severity
from app.model.ids import Resource
from tests.support.alarm_yard import ACCOUNT, PLACE, alarm


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def queue(name: str = "orders", **configuration: Any) -> Resource:
    return Resource(
        arn=f"arn:aws:sqs:{PLACE.region}:{PLACE.account}:{name}",
        account=PLACE.account,
        region=PLACE.region,
        service="sqs",
        kind="queue",
        id=name,
        name=name,
        dimensions={"QueueName": name},
        configuration={
            "isDeadLetterQueue": False, "VisibilityTimeout": 30, "MessageRetentionPeriod": 345_600,
            **configuration,
        },
    )  # fmt: skip


def made(
    catalogue: Catalogue, settings: AlarmSettings, *resources: Resource
) -> dict[str, AlarmDefinition]:
    found = definitions(settings, [ACCOUNT], catalogue, resources, default_channels=["all"])
    return {each.name: each for each in found}


def test_an_own_alarm_carries_its_place_service_and_resource(catalogue: Catalogue) -> None:
    own = alarm(
        Namespace="AWS/SQS", MetricName="NumberOfMessagesSent", channels=[],
        Dimensions=[{"Name": "QueueName", "Value": "orders"}], severity="warning",
    )  # fmt: skip
    found = made(catalogue, AlarmSettings(metric=[own]), queue("orders"), queue("other"))
    (definition,) = found.values()
    assert definition.id == "111111111111/eu-central-1/orders"
    assert definition.service == "sqs"
    assert definition.resource == "arn:aws:sqs:eu-central-1:111111111111:orders"
    assert definition.severity is Severity.WARNING
    assert definition.origin is Origin.CONFIG
    assert definition.channels == ("all",)
    assert definition.put["Dimensions"] == [{"Name": "QueueName", "Value": "orders"}]


def test_nothing_is_recommended_unless_switched_on(catalogue: Catalogue) -> None:
    assert made(catalogue, AlarmSettings(), queue()) == {}
    assert made(catalogue, AlarmSettings(recommended=["lambda"]), queue()) == {}


def test_a_dead_letter_queue_gets_the_alarms_that_match_it(catalogue: Catalogue) -> None:
    settings = AlarmSettings(recommended=["sqs"], recommended_channels=["ops"])
    dead = queue("orders-dlq", isDeadLetterQueue=True)
    definition = made(catalogue, settings, dead)["watchdeck/sqs/dead-letter-messages/orders-dlq"]
    assert definition.origin is Origin.RECOMMENDED
    assert definition.channels == ("ops",)
    assert definition.resource == dead.arn
    assert definition.put["Threshold"] == 0.0
    assert definition.put["Dimensions"] == [{"Name": "QueueName", "Value": "orders-dlq"}]
    assert "watchdeck/sqs/dead-letter-messages/orders" not in made(catalogue, settings, queue())


def test_a_threshold_is_taken_from_the_configuration(catalogue: Catalogue) -> None:
    settings = AlarmSettings(recommended="all")
    name = "watchdeck/sqs/age-near-retention/orders"
    assert made(catalogue, settings, queue())[name].put["Threshold"] == 172_800.0
    assert name not in made(catalogue, settings, queue(MessageRetentionPeriod=None))


def test_an_own_alarm_takes_the_place_of_a_recommended_one(catalogue: Catalogue) -> None:
    name = "watchdeck/sqs/age-near-retention/orders"
    settings = AlarmSettings(metric=[alarm(name, Threshold=7.0)], recommended=["sqs"])
    assert made(catalogue, settings, queue())[name].put["Threshold"] == 7.0


def test_a_name_that_is_too_long_stays_unique(catalogue: Catalogue) -> None:
    settings = AlarmSettings(recommended=["sqs"])
    one, other = (queue("q" * 300 + end) for end in "ab")
    found = made(catalogue, settings, one, other)
    assert {len(name) for name in found} == {255}
    assert len(found) == 2 * len(made(catalogue, settings, one))


def test_a_service_that_nobody_described_is_told(catalogue: Catalogue) -> None:
    assert unknown_services(AlarmSettings(recommended=["sqs", "lamda"]), catalogue) == ["lamda"]
    assert unknown_services(AlarmSettings(recommended="all"), catalogue) == []


def test_places_are_kept_apart(catalogue: Catalogue) -> None:
    settings = AlarmSettings(recommended=["sqs"])
    there = replace(queue(), region="us-east-1", arn="arn:aws:sqs:us-east-1:111111111111:orders")
    found = definitions(settings, [ACCOUNT], catalogue, [queue(), there])
    assert len({each.id for each in found}) == len(found)
    assert {each.place.region for each in found} == {"eu-central-1", "us-east-1"}
