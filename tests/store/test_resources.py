"""Resources: seen, changed, gone, back again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.model.ids import Place, Resource
from app.model.rounds import Batch, Listing
from tests.store.conftest import Opener
from tests.store.samples import HOUR, NOW, PROD, STAGING, Writing, hold

FUNCTIONS = Listing(PROD, "lambda", "function")


def function(name: str, place: Place = PROD, **facts: object) -> Resource:
    arn = f"arn:aws:lambda:{place.region}:{place.account}:function:{name}"
    base = Resource(arn, place.account, place.region, "lambda", "function", name, name)
    return replace(base, **facts)


ORDERS, USERS = function("orders"), function("users")


def names(writing: Writing, **wanted: object) -> list[str]:
    return [r.name for r in writing.store.resources.find(**wanted)]


def test_a_resource_comes_back_as_it_was_seen(writing: Writing) -> None:
    given = function(
        "orders",
        state="Active",
        tags={"team": "shop"},
        dimensions={"FunctionName": "orders"},
        configuration={"MemorySize": 128, "Layers": ["a"], "VpcConfig": {"SubnetIds": []}},
    )
    writing.commit(Batch(resources=[given]))
    (found,) = writing.store.resources.find()
    assert found == replace(given, first_seen=NOW, last_seen=NOW)


def test_first_seen_stays_and_last_seen_moves(writing: Writing) -> None:
    writing.commit(Batch(resources=[ORDERS]))
    writing.commit(Batch(resources=[ORDERS]), now=NOW + HOUR)
    (found,) = writing.store.resources.find()
    assert (found.first_seen, found.last_seen) == (NOW, NOW + HOUR)


def test_what_a_listing_does_not_name_is_gone(writing: Writing) -> None:
    writing.commit(Batch(resources=[ORDERS, USERS], listings=[FUNCTIONS]))
    writing.commit(Batch(resources=[USERS], listings=[FUNCTIONS]), now=NOW + HOUR)
    assert names(writing) == ["users"]
    assert names(writing, gone=True) == ["orders"]


def test_other_scopes_are_left_alone_by_a_listing(writing: Writing) -> None:
    elsewhere = function("orders", STAGING)
    queue = replace(ORDERS, arn="arn:aws:sqs:q", service="sqs", kind="queue", name="jobs")
    writing.commit(Batch(resources=[ORDERS, elsewhere, queue]))
    writing.commit(Batch(listings=[FUNCTIONS]))
    assert names(writing) == ["orders", "jobs"]
    assert [r.place for r in writing.store.resources.find(service="lambda")] == [STAGING]


def test_without_a_listing_nothing_is_gone(writing: Writing) -> None:
    writing.commit(Batch(resources=[ORDERS, USERS]))
    writing.commit(Batch(resources=[USERS]))
    assert names(writing) == ["orders", "users"]


def test_a_resource_can_come_back(writing: Writing) -> None:
    writing.commit(Batch(resources=[ORDERS]))
    writing.commit(Batch(listings=[FUNCTIONS]), now=NOW + HOUR)
    writing.commit(Batch(resources=[ORDERS], listings=[FUNCTIONS]), now=NOW + 2 * HOUR)
    (found,) = writing.store.resources.find()
    assert found.first_seen == NOW
    changes = writing.store.resources.changes(ORDERS.arn)
    assert [(c.at, c.before, c.after) for c in changes] == [
        (NOW + 2 * HOUR, None, {}),
        (NOW + HOUR, {}, None),
        (NOW, None, {}),
    ]


def test_changes_tell_before_and_after(writing: Writing) -> None:
    small = function("orders", configuration={"MemorySize": 128}, state="Pending")
    large = function("orders", configuration={"MemorySize": 512}, state="Active", tags={"a": "b"})
    writing.commit(Batch(resources=[small]))
    writing.commit(Batch(resources=[large]), now=NOW + HOUR)
    newest = writing.store.resources.changes(ORDERS.arn, limit=1)[0]
    assert (newest.at, newest.before, newest.after) == (
        NOW + HOUR,
        {"MemorySize": 128},
        {"MemorySize": 512},
    )
    assert (newest.tags_before, newest.tags_after) == ({}, {"a": "b"})
    assert (newest.state_before, newest.state_after) == ("Pending", "Active")


def test_the_same_facts_in_another_order_are_no_change(writing: Writing) -> None:
    writing.commit(Batch(resources=[function("orders", configuration={"a": 1, "b": (1, 2)})]))
    writing.commit(Batch(resources=[function("orders", configuration={"b": [1, 2], "a": 1})]))
    assert len(writing.store.resources.changes(ORDERS.arn)) == 1


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param({}, ["a", "b", "c"], id="everything, by place and name"),
        pytest.param({"places": [STAGING]}, ["c"], id="by place"),
        pytest.param({"places": []}, [], id="in no place"),
        pytest.param({"service": "sqs"}, [], id="by service"),
        pytest.param({"kind": "function"}, ["a", "b", "c"], id="by kind"),
        pytest.param({"arns": [function("b").arn]}, ["b"], id="by ARN"),
        pytest.param({"arns": []}, [], id="by no ARN"),
    ],
)
def test_resources_are_found(
    writing: Writing, wanted: dict[str, object], expected: list[str]
) -> None:
    writing.commit(Batch(resources=[function("b"), function("c", STAGING), function("a")]))
    assert names(writing, **wanted) == expected


def test_a_thousand_resources_in_one_batch(writing: Writing) -> None:
    many = [function(f"fn-{number:04d}") for number in range(1000)]
    writing.commit(Batch(resources=many, listings=[FUNCTIONS]))
    writing.commit(Batch(resources=many[:999], listings=[FUNCTIONS]))
    assert len(writing.store.resources.find(arns=[r.arn for r in many])) == 999


def test_changes_of_the_inventory_are_counted(opener: Opener) -> None:
    writing, reader = hold(opener()), opener(writer=False)
    resources = writing.store.resources
    counts = [resources.version]
    for given, listing in (([ORDERS], []), ([replace(ORDERS, state="x")], []), ([], [FUNCTIONS])):
        writing.commit(Batch(resources=given, listings=listing))
        counts.append(resources.version)
    assert counts == sorted(set(counts))
    writing.commit(Batch(resources=[USERS]))
    known = resources.version
    writing.commit(Batch(resources=[USERS], listings=[FUNCTIONS]), now=NOW + HOUR)
    assert resources.version == known
    reader.refresh()
    assert reader.resources.version == known
