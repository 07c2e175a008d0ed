"""How the inventory asks: what is refused, gone, cut, shared, pointed at; against a script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.aws import Aws, Meter, RetryPolicy
from app.catalogue import load_catalogue
from app.config import AccountSettings, CollectionSettings, Secret
from app.model.errors import Denied, Throttled
from app.model.ids import Place, Resource
from app.model.rounds import Batch, Listing, Result, Round
from collectors.base import Task
from collectors.inventory import InventoryCollector
from tests.support.scripted_aws import Refusal, ScriptedAws, scripted_aws

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PLACE = Place("111111111111", "eu-central-1")
CATALOGUE = load_catalogue()
QUEUE = "arn:aws:sqs:eu-central-1:111111111111:"
FUNCTION = "arn:aws:lambda:eu-central-1:111111111111:function:"
TABLE = "arn:aws:dynamodb:eu-central-1:111111111111:table/"


@pytest.fixture
def aws() -> Iterator[ScriptedAws]:
    with scripted_aws({}) as script:
        yield script


def collector(script: ScriptedAws, **settings: Any) -> InventoryCollector:
    account = AccountSettings(
        id=PLACE.account,
        name="blog",
        regions=[PLACE.region],
        access_key_id="AKIDEXAMPLE",
        secret_access_key=Secret("made-up"),
        endpoint=script.url,
    )
    door = Aws(
        [account],
        meter=Meter(Decimal(50), now=lambda: NOON),
        now=lambda: NOON,
        sleep=lambda _: None,
        retry=RetryPolicy(attempts=1),
    )
    return InventoryCollector(door, CATALOGUE, CollectionSettings(**settings))


def collected(script: ScriptedAws, service: str) -> list[Batch]:
    return list(collector(script).collect(Task(PLACE, service), NOON))


def resources(batches: list[Batch]) -> dict[str, Resource]:
    return {resource.id: resource for batch in batches for resource in batch.resources}


def queues(*names: str, **redrive: str) -> dict[str, Any]:
    """Answers for queues; ``redrive`` names the dead-letter queue of a queue."""

    def attributes(asked: Any) -> Any:
        name = asked["QueueUrl"].rpartition("/")[2]
        found = {"QueueArn": QUEUE + name, "VisibilityTimeout": "30"}
        if name in redrive:
            target = {"deadLetterTargetArn": QUEUE + redrive[name], "maxReceiveCount": 3}
            found["RedrivePolicy"] = json.dumps(target)
        return {"Attributes": found}

    return {
        "ListQueues": {"QueueUrls": [f"https://sqs.test/111111111111/{name}" for name in names]},
        "GetQueueAttributes": attributes,
        "GetResources": {"ResourceTagMappingList": [], "PaginationToken": ""},
        "ListFunctions": {"Functions": []},
    }


def test_a_queue_that_another_names_for_its_dead_letters_is_known_as_one(aws: ScriptedAws) -> None:
    aws.answers |= queues("orders", "orders-dlq", orders="orders-dlq")
    found = resources(collected(aws, "sqs"))
    assert found["orders-dlq"].configuration["isDeadLetterQueue"] is True
    assert found["orders-dlq"].configuration["deadLetterSources"] == [QUEUE + "orders"]
    assert found["orders"].configuration["isDeadLetterQueue"] is False
    assert found["orders"].configuration["deadLetterSources"] == []


def test_a_queue_that_a_function_names_for_its_dead_letters_is_known_as_one(
    aws: ScriptedAws,
) -> None:
    aws.answers |= queues("orders", "failed", orders="failed")
    function = {
        "FunctionName": "thumb",
        "FunctionArn": FUNCTION + "thumb",
        "DeadLetterConfig": {"TargetArn": QUEUE + "failed"},
    }
    aws.answers["ListFunctions"] = {"Functions": [function, {"FunctionArn": FUNCTION + "other"}]}
    failed = resources(collected(aws, "sqs"))["failed"]
    assert failed.configuration["deadLetterSources"] == [FUNCTION + "thumb", QUEUE + "orders"]


def test_functions_that_may_not_be_listed_cost_a_note_and_no_queue(aws: ScriptedAws) -> None:
    aws.answers |= queues("orders", "orders-dlq", orders="orders-dlq")
    aws.answers["ListFunctions"] = Refusal("AccessDeniedException", 403)
    (batch,) = collected(aws, "sqs")
    assert resources([batch])["orders-dlq"].configuration["isDeadLetterQueue"] is True
    assert "lambda:ListFunctions" in " ".join(batch.notes)


def test_tags_that_may_not_be_read_are_missing_and_not_none(aws: ScriptedAws) -> None:
    aws.answers |= queues("orders")
    aws.answers["GetResources"] = Refusal("AccessDeniedException", 403)
    (batch,) = collected(aws, "sqs")
    (orders,) = batch.resources
    assert orders.configuration["_missing"] == ["tag:GetResources"]
    assert orders.configuration["VisibilityTimeout"] == 30
    assert "tag:GetResources" in " ".join(batch.notes)
    assert batch.listings == [Listing(PLACE, "sqs", "queue")]


def test_a_resource_with_all_its_details_has_nothing_missing(aws: ScriptedAws) -> None:
    aws.answers |= queues("orders")
    aws.answers["GetResources"] = {
        "ResourceTagMappingList": [
            {
                "ResourceARN": QUEUE + "orders",
                "Tags": [{"Key": "team", "Value": "shop"}, {"Key": "a", "Value": ""}],
            }
        ]
    }
    (batch,) = collected(aws, "sqs")
    assert dict(batch.resources[0].tags) == {"a": "", "team": "shop"}
    assert "_missing" not in batch.resources[0].configuration
    assert batch.notes == ()


def test_an_optional_call_is_refused_once_and_not_asked_again(aws: ScriptedAws) -> None:
    names = [f"f{number}" for number in range(5)]
    aws.answers |= {
        "ListFunctions": {
            "Functions": [{"FunctionName": n, "FunctionArn": FUNCTION + n} for n in names]
        },
        "GetFunctionConcurrency": Refusal("AccessDeniedException", 403),
        "GetResources": {"ResourceTagMappingList": []},
        "GetAccountSettings": {"AccountLimit": {"ConcurrentExecutions": 1000}},
    }
    functions, account = collected(aws, "lambda")
    assert aws.operations().count("GetFunctionConcurrency") == 1
    assert [r.configuration["_missing"] for r in functions.resources] == [
        ["lambda:GetFunctionConcurrency"]
    ] * 5
    assert account.resources[0].configuration == {"ConcurrentExecutionsLimit": 1000}


def test_a_refused_optional_call_costs_the_same_in_the_rounds_that_follow(
    aws: ScriptedAws,
) -> None:
    aws.answers |= queues("orders")
    aws.answers["GetResources"] = Refusal("AccessDeniedException", 403)
    inventory = collector(aws)
    for _ in range(6):
        (batch,) = inventory.collect(Task(PLACE, "sqs"), NOON)
        assert batch.resources[0].configuration["_missing"] == ["tag:GetResources"]
    assert aws.operations().count("GetResources") < 6


def test_a_queue_deleted_after_it_was_listed_is_left_out(aws: ScriptedAws) -> None:
    aws.answers |= queues("orders", "old")
    answer = aws.answers["GetQueueAttributes"]

    def gone(asked: Any) -> Any:
        vanished = Refusal("AWS.SimpleQueueService.NonExistentQueue")
        return vanished if asked["QueueUrl"].endswith("/old") else answer(asked)

    aws.answers["GetQueueAttributes"] = gone
    (batch,) = collected(aws, "sqs")
    assert list(resources([batch])) == ["orders"]
    assert batch.listings == [Listing(PLACE, "sqs", "queue")]


def test_a_queue_that_may_not_be_described_is_unknown_and_not_gone(aws: ScriptedAws) -> None:
    aws.answers |= queues("orders", "private")
    answer = aws.answers["GetQueueAttributes"]

    def refusing(asked: Any) -> Any:
        refused = Refusal("AccessDeniedException", 403)
        return refused if asked["QueueUrl"].endswith("/private") else answer(asked)

    aws.answers["GetQueueAttributes"] = refusing
    (batch,) = collected(aws, "sqs")
    assert list(resources([batch])) == ["orders"]
    assert batch.listings == []
    assert "sqs:GetQueueAttributes" in " ".join(batch.notes)


def test_a_detail_that_is_needed_and_refused_everywhere_fails_the_round(aws: ScriptedAws) -> None:
    aws.answers |= queues("orders", "mail")
    aws.answers["GetQueueAttributes"] = Refusal("AccessDeniedException", 403)
    with pytest.raises(Denied) as caught:
        collected(aws, "sqs")
    assert caught.value.action == "sqs:GetQueueAttributes"


def test_every_page_of_a_list_is_read(aws: ScriptedAws) -> None:
    aws.answers |= queues()
    start = "https://sqs.test/111111111111/"

    def paged(asked: Any) -> Any:
        if "NextToken" not in asked:
            return {"QueueUrls": [start + "a"], "NextToken": "2"}
        return {"QueueUrls": [start + "b"]} if asked["NextToken"] == "2" else {}

    aws.answers["ListQueues"] = paged
    (batch,) = collected(aws, "sqs")
    assert list(resources([batch])) == ["a", "b"]
    assert [asked for name, asked in aws.asked if name == "ListQueues"] == [
        {"MaxResults": 1000},
        {"MaxResults": 1000, "NextToken": "2"},
    ]


def test_a_list_that_is_refused_raises_and_says_which_action_is_missing(aws: ScriptedAws) -> None:
    aws.answers["ListQueues"] = Refusal("AccessDeniedException", 403)
    with pytest.raises(Denied) as caught:
        collected(aws, "sqs")
    assert caught.value.action == "sqs:ListQueues"


def test_what_was_complete_before_an_error_is_handed_over(aws: ScriptedAws) -> None:
    aws.answers |= {
        "ListFunctions": {
            "Functions": [{"FunctionName": "thumb", "FunctionArn": FUNCTION + "thumb"}]
        },
        "GetFunctionConcurrency": {},
        "GetResources": {"ResourceTagMappingList": []},
        "GetAccountSettings": Refusal("AccessDeniedException", 403),
    }
    batches = collector(aws).collect(Task(PLACE, "lambda"), NOON)
    assert list(resources([next(batches)])) == ["thumb"]
    with pytest.raises(Denied):
        next(batches)


def test_one_kind_that_is_refused_does_not_hide_the_next(aws: ScriptedAws) -> None:
    aws.answers |= {
        "ListFunctions": Refusal("AccessDeniedException", 403),
        "GetAccountSettings": {"AccountLimit": {"ConcurrentExecutions": 1000}},
    }
    batches = collector(aws).collect(Task(PLACE, "lambda"), NOON)
    assert next(batches).listings == [Listing(PLACE, "lambda", "account")]
    with pytest.raises(Denied) as caught:
        next(batches)
    assert caught.value.action == "lambda:ListFunctions"


def test_throttled_tags_fail_the_round_so_that_older_tags_stay(aws: ScriptedAws) -> None:
    aws.answers |= queues("orders")
    aws.answers["GetResources"] = Refusal("ThrottlingException", 400)
    with pytest.raises(Throttled):
        collected(aws, "sqs")


def test_a_list_that_is_needed_twice_is_asked_once(aws: ScriptedAws) -> None:
    described = {"TableName": "posts", "TableArn": TABLE + "posts", "TableStatus": "ACTIVE"}
    index = {"IndexName": "by-date", "IndexStatus": "ACTIVE"}
    aws.answers |= {
        "ListTables": {"TableNames": ["posts"]},
        "DescribeTable": {"Table": {**described, "GlobalSecondaryIndexes": [index]}},
        "DescribeContinuousBackups": Refusal("TableNotFoundException"),
        "DescribeTimeToLive": {},
        "GetResources": {"ResourceTagMappingList": []},
        "DescribeLimits": {},
    }
    batches = collected(aws, "dynamodb")
    assert aws.operations().count("ListTables") == 1
    assert sorted(resources(batches)) == ["account", "posts", "posts/by-date"]


def test_a_cut_list_does_not_say_that_the_rest_is_gone(aws: ScriptedAws) -> None:
    aws.answers |= queues("orders")
    aws.answers["ListQueues"] = {
        "QueueUrls": ["https://sqs.test/111111111111/orders"],
        "NextToken": "the same for ever",
    }
    (batch,) = collected(aws, "sqs")
    assert list(resources([batch])) == ["orders"]
    assert batch.listings == []
    assert "was cut" in batch.notes[0]


def test_an_empty_place_is_listed_as_empty(aws: ScriptedAws) -> None:
    aws.answers |= queues()
    (batch,) = collected(aws, "sqs")
    assert batch.resources == []
    assert batch.listings == [Listing(PLACE, "sqs", "queue")]


def test_resources_come_in_the_order_of_their_arns(aws: ScriptedAws) -> None:
    aws.answers |= queues("c", "a", "b")
    (batch,) = collected(aws, "sqs")
    assert [r.id for r in batch.resources] == ["a", "b", "c"]


def test_one_task_for_each_service_that_is_collected(aws: ScriptedAws) -> None:
    few = collector(aws, services=["sqs", "lambda"])
    assert few.plan(PLACE, NOON) == [Task(PLACE, "lambda"), Task(PLACE, "sqs")]
    here = [group for each in CATALOGUE if not each.regions for group in each.parts]
    assert [task.group for task in collector(aws).plan(PLACE, NOON)] == here
    assert few.name == "inventory"
    assert few.every.total_seconds() == 900


def quiet_account(script: ScriptedAws) -> InventoryCollector:
    """Lambda, whose account is listed for checks only, and seldom."""
    known = CATALOGUE.services["lambda"]
    kinds = tuple(k.model_copy(update={"quiet": k.kind == "account"}) for k in known.resources)
    service = known.model_copy(update={"resources": kinds, "hours": 6})
    return replace(collector(script), catalogue=replace(CATALOGUE, services={"lambda": service}))


def test_a_kind_for_checks_that_is_refused_costs_the_service_nothing_else(
    aws: ScriptedAws,
) -> None:
    inventory = quiet_account(aws)
    aws.answers |= {
        "ListFunctions": {"Functions": [{"FunctionName": "f", "FunctionArn": FUNCTION + "f"}]},
        "GetFunctionConcurrency": {},
        "GetResources": {"ResourceTagMappingList": []},
        "GetAccountSettings": Refusal("AccessDeniedException", 403),
    }
    own, checked = inventory.plan(PLACE, NOON)
    assert (own.group, checked.group) == ("lambda", "lambda/account")
    (batch,) = inventory.collect(own, NOON)
    assert batch.listings == [Listing(PLACE, "lambda", "function")]
    with pytest.raises(Denied) as caught:
        list(inventory.collect(checked, NOON))
    assert caught.value.action == "lambda:GetAccountSettings"


@pytest.mark.parametrize(
    ("result", "hours", "due"),
    [
        pytest.param(Result.OK, 5, False, id="answered five hours ago"),
        pytest.param(Result.PARTIAL, 6, True, id="answered six hours ago"),
        pytest.param(Result.DENIED, 1, True, id="refused"),
    ],
)
def test_what_is_listed_every_six_hours_is_due(
    aws: ScriptedAws, result: Result, hours: int, due: bool
) -> None:
    ended = NOON - timedelta(hours=hours)
    last = Round("inventory", PLACE, "lambda", ended, ended, result)
    inventory = replace(quiet_account(aws), rounds=lambda: [last])
    assert (Task(PLACE, "lambda") in inventory.plan(PLACE, NOON)) is due
