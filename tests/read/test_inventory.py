"""Resources: found by what people remember, related by what they name, changed by whom they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.model.readings import Look
from app.model.rounds import Batch, Listing
from tests.support.shelf import AWAY, HOME, NOW, Shelf, function, queue


def names(shelf: Shelf, text: str) -> list[str]:
    return [found.name for found in shelf.reads.inventory.search(text).value]


def test_a_search_finds_names_first_then_arns_then_tags(shelf: Shelf) -> None:
    shelf.resources(
        function("checkout"),
        function("checkout-worker"),
        function("pay-checkout"),
        function("mail", tags={"team": "checkout"}),
    )
    assert names(shelf, "checkout") == ["checkout", "checkout-worker", "pay-checkout", "mail"]
    assert names(shelf, "team=checkout") == ["mail"]
    assert names(shelf, "function:pay-checkout") == ["pay-checkout"]
    assert names(shelf, "nothing-like-it") == []


def test_every_word_has_to_be_there(shelf: Shelf) -> None:
    shelf.resources(function("orders-api"), function("orders-worker"), queue("orders"))
    assert names(shelf, "orders worker") == ["orders-worker"]
    assert names(shelf, "orders sqs") == ["orders"]


def test_a_resource_is_described_in_the_words_of_the_catalogue(shelf: Shelf) -> None:
    checkout = function("checkout", configuration={"_missing": ["lambda:GetFunctionConcurrency"]})
    shelf.resources(checkout)
    reading = shelf.reads.inventory.resource(checkout.arn)
    found = reading.value
    assert found is not None
    assert (found.kind, found.service) == ("Function", "Lambda")
    assert found.missing == ("lambda:GetFunctionConcurrency",)
    assert found.console == (
        "https://eu-central-1.console.aws.amazon.com/lambda/home?region=eu-central-1"
        "#/functions/checkout?tab=monitoring"
    )


def test_an_address_in_the_console_is_encoded(shelf: Shelf) -> None:
    url = "https://sqs.eu-central-1.amazonaws.com/111111111111/orders"
    orders = queue("orders", configuration={"QueueUrl": url})
    shelf.resources(orders)
    found = shelf.reads.inventory.resource(orders.arn).value
    assert found is not None
    assert found.console.endswith(
        "#/queues/https%3A%2F%2Fsqs.eu-central-1.amazonaws.com%2F111111111111%2Forders"
    )


def test_an_unknown_resource_is_nothing_there(shelf: Shelf) -> None:
    shelf.round("inventory", "lambda")
    reading = shelf.reads.inventory.resource(function("never").arn)
    assert (reading.value, reading.look) == (None, Look.NOTHING)


def test_a_resource_that_is_gone_can_still_be_looked_at(shelf: Shelf) -> None:
    shelf.resources(function("old"))
    shelf.commit(Batch(listings=[Listing(HOME, "lambda", "function")]))
    found = shelf.reads.inventory.resource(function("old").arn).value
    assert found is not None
    assert [c.member for c in shelf.reads.inventory.changes(function("old").arn)] == ["resource"]


def test_changes_are_told_member_by_member(shelf: Shelf) -> None:
    before = function("checkout", configuration={"Timeout": 3, "MemorySize": 128})
    shelf.resources(before)
    shelf.resources(
        replace(
            before,
            configuration={"Timeout": 30, "MemorySize": 128},
            tags={"team": "pay"},
            state="Failed",
        )
    )
    changes = shelf.reads.inventory.changes(before.arn)
    assert {(c.member, c.before, c.after) for c in changes} == {
        ("Timeout", 3, 30),
        ("tag team", None, "pay"),
        ("state", "Active", "Failed"),
    }
    assert {c.at for c in changes} == {NOW}


def test_a_dead_letter_queue_is_related_to_what_names_it(shelf: Shelf) -> None:
    dlq = queue("orders-dlq")
    orders = queue("orders", configuration={"RedrivePolicy": {"deadLetterTargetArn": dlq.arn}})
    shelf.resources(dlq, orders)
    assert [(r.resource.name, r.why) for r in shelf.reads.inventory.related(orders.arn)] == [
        ("orders-dlq", "named in RedrivePolicy")
    ]
    assert [(r.resource.name, r.why) for r in shelf.reads.inventory.related(dlq.arn)] == [
        ("orders", "names this in its RedrivePolicy")
    ]


def test_a_name_that_goes_on_is_another_resource(shelf: Shelf) -> None:
    orders = queue("orders")
    worker = function("worker", configuration={"Target": f"{orders.arn}-dlq"})
    shelf.resources(orders, worker)
    assert shelf.reads.inventory.related(worker.arn) == ()


def test_the_same_telling_tag_relates_within_one_account(shelf: Shelf) -> None:
    shelf.resources(
        function("api", tags={"Project": "blog", "Owner": "ada"}),
        function("worker", tags={"project": "blog"}),
        function("other", tags={"Owner": "ada"}),
        function("staging", AWAY, tags={"project": "blog"}),
    )
    found = shelf.reads.inventory.related(function("api").arn)
    assert [(r.resource.name, r.why) for r in found] == [("worker", "same tag Project=blog")]


def test_the_navigation_counts_what_is_open(shelf: Shelf) -> None:
    broken = function("broken", state="Failed")
    shelf.resources(broken, function("fine"), queue("orders"))
    shelf.cover("AWS/Lambda", timedelta(hours=1))
    found = shelf.reads.navigation(NOW)
    assert [(s.id, s.open) for s in found.services] == [("lambda", 1), ("sqs", 0)]
    assert (found.accounts[0], found.regions) == (
        ("111111111111", "prod"),
        ("eu-central-1", "us-east-1"),
    )
