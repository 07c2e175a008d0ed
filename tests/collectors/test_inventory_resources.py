"""From an item to a resource: names, tags, what is kept and what never."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from app.catalogue.schema import Lookup, Mention, ResourceKind
from app.model.ids import Place
from collectors.inventory_resources import (
    arn_of,
    configuration_of,
    looked_up,
    mark_mentioned,
    resource_of,
    tags_of,
)

PLACE = Place("111111111111", "eu-central-1")


def kind(**more: Any) -> ResourceKind:
    plain = {
        "kind": "thing",
        "title": "Thing",
        "plural": "Things",
        "list": {"api": "sqs", "operation": "ListQueues"},
        "id": "Id",
        "arn": "Arn",
        "dimensions": {"ThingId": "Id"},
    }
    return ResourceKind.model_validate(plain | more)


@pytest.mark.parametrize(
    ("template", "region", "expected"),
    [
        pytest.param("Arn", "eu-central-1", "arn:x", id="from the item"),
        pytest.param(
            "arn:{partition}:ec2:{region}:{account}:thing/{id}",
            "eu-central-1",
            "arn:aws:ec2:eu-central-1:111111111111:thing/t-1",
            id="from a template",
        ),
        pytest.param(
            "arn:{partition}:ec2:{region}::{parent.id}/{Id}",
            "cn-north-1",
            "arn:aws-cn:ec2:cn-north-1::p-1/t-1",
            id="with its parent, in China",
        ),
        pytest.param("arn:{partition}:ec2:{Missing}", "eu-central-1", "", id="a part is missing"),
    ],
)
def test_the_arn(template: str, region: str, expected: str) -> None:
    item = {"Id": "t-1", "Arn": "arn:x", "parent": {"id": "p-1"}}
    assert arn_of(Place("111111111111", region), kind(arn=template), item) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(None, {}, id="none"),
        pytest.param({"b": "2", "a": "1"}, {"a": "1", "b": "2"}, id="a mapping"),
        pytest.param([{"Key": "a", "Value": "1"}], {"a": "1"}, id="pairs"),
        pytest.param([{"key": "a", "value": "1"}], {"a": "1"}, id="pairs in small letters"),
        pytest.param([{"Key": "a"}], {"a": ""}, id="a tag without value"),
    ],
)
def test_tags_in_every_form_that_aws_has(answer: Any, expected: dict[str, str]) -> None:
    assert tags_of(answer) == expected


def test_only_named_members_are_kept_and_nothing_for_what_is_absent() -> None:
    item = {"Id": "t-1", "Size": 4.0, "Colour": "red", "Empty": None, "Zero": 0}
    kept = configuration_of(kind(configuration=["Size", "Empty", "Absent", "Zero"]), item)
    assert kept == {"Size": 4, "Zero": 0}


def test_derived_members_stand_beside_the_kept_ones() -> None:
    item = {"Id": "t-1", "Place": {"Zone": "a"}}
    assert configuration_of(kind(derived={"Zone": "Place.Zone"}), item) == {"Zone": "a"}


def test_secrets_inside_a_kept_member_are_dropped() -> None:
    inner = {
        "Image": "web",
        "environment": [{"name": "DB_PASSWORD", "value": "hunter2"}],
        "Environment": {"Variables": {"A": "hunter2"}},
        "secrets": [{"name": "S", "valueFrom": "arn:secret"}],
        "UserData": "hunter2",
        "MasterUserPassword": "hunter2",
        "AuthToken": "hunter2",
        "Policy": "{}",
        "deeper": [{"password": "hunter2", "port": 80}],
    }
    kept = configuration_of(kind(configuration=["Task"]), {"Id": "t-1", "Task": inner})
    assert kept == {"Task": {"Image": "web", "deeper": [{"port": 80}]}}


def test_times_are_written_in_utc() -> None:
    berlin = datetime(2026, 11, 24, 13, 5, tzinfo=timezone(timedelta(hours=1)))
    kept = configuration_of(kind(configuration=["Made"]), {"Id": "t-1", "Made": berlin})
    assert kept == {"Made": "2026-11-24T12:05:00+00:00"}
    assert berlin.astimezone(UTC).hour == 12


def test_a_resource_without_a_name_of_its_own_is_called_by_its_id() -> None:
    found = resource_of(PLACE, "things", kind(name="Name"), {"Id": "t-1", "Arn": "arn:x"})
    assert found is not None
    assert (found.id, found.name, found.state) == ("t-1", "t-1", "")


def test_an_item_without_id_is_no_resource() -> None:
    assert resource_of(PLACE, "things", kind(), {"Arn": "arn:x"}) is None


@pytest.mark.parametrize(
    ("size", "expected"),
    [("db.r6g.xlarge", 32), ("db.t3.xlarge", 16), ("db.serverless", None), (None, None)],
)
def test_the_first_pattern_that_fits_is_looked_up(size: str | None, expected: float | None) -> None:
    lookup = Lookup(into="GiB", of="Size", table=((r"^db\.r\w+\.xlarge$", 32), (r"xlarge$", 16)))
    assert looked_up(lookup, {"Size": size}) == expected


def test_mentions_of_one_name_add_up() -> None:
    things = {"arn:a": {}, "arn:b": {}}
    for source in ("arn:z", "arn:y"):
        mention = Mention(flag="isTarget", into="sources", sources="[]")
        mark_mentioned(mention, [{"target": "arn:a", "source": source}], things)
    assert things == {
        "arn:a": {"sources": ["arn:y", "arn:z"], "isTarget": True},
        "arn:b": {"sources": [], "isTarget": False},
    }


def test_a_mention_of_nothing_marks_nothing() -> None:
    things: dict[str, dict[str, Any]] = {"arn:a": {}}
    mention = Mention(flag="isTarget", into="sources", sources="[]")
    mark_mentioned(mention, [{"target": None, "source": "arn:z"}], things)
    assert things == {"arn:a": {"sources": [], "isTarget": False}}
