"""Whole rounds of the inventory into a real store: what appears, what goes, what stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.aws import Aws, Meter, RetryPolicy
from app.catalogue import load_catalogue
from app.config import AccountSettings, CollectionSettings, Secret, StoreSettings
from app.model.ids import Place
from app.model.rounds import Result, Round
from app.store import Store, open_store
from collectors.base import Task
from collectors.inventory import InventoryCollector
from collectors.round import run
from tests.support.scripted_aws import Refusal, ScriptedAws, scripted_aws

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PLACE = Place("111111111111", "eu-central-1")
QUEUE = "arn:aws:sqs:eu-central-1:111111111111:"


@dataclass
class Rounds:
    """Rounds of one service, a quarter of an hour apart."""

    aws: ScriptedAws
    store: Store
    now: datetime = NOON

    def round(self) -> Round:
        self.now += timedelta(minutes=15)
        account = AccountSettings(
            id=PLACE.account,
            regions=[PLACE.region],
            name="blog",
            access_key_id="AKIDEXAMPLE",
            secret_access_key=Secret("made-up"),
            endpoint=self.aws.url,
        )
        meter = Meter(self.collection.budget_usd_per_month, now=lambda: self.now)
        aws = Aws(
            [account],
            meter=meter,
            now=lambda: self.now,
            sleep=lambda _: None,
            retry=RetryPolicy(attempts=1),
        )
        lease = self.store.acquire("tests", self.now, timedelta(minutes=5))
        assert lease is not None
        return run(
            InventoryCollector(aws, load_catalogue(), self.collection),
            Task(PLACE, "sqs"),
            store=self.store,
            lease=lease,
            meter=meter,
            now=lambda: self.now,
        )

    @property
    def collection(self) -> CollectionSettings:
        return CollectionSettings()

    def names(self, *, gone: bool = False) -> list[str]:
        return sorted(r.name for r in self.store.resources.find(service="sqs", gone=gone))


@pytest.fixture
def rounds(tmp_path: Path) -> Iterator[Rounds]:
    with scripted_aws({}) as aws:
        store = open_store(StoreSettings(path=tmp_path), NOON)
        try:
            yield Rounds(aws, store)
        finally:
            store.close()


def queues(*names: str, visibility: str = "30") -> dict[str, Any]:
    def attributes(asked: Any) -> Any:
        arn = QUEUE + asked["QueueUrl"].rpartition("/")[2]
        return {"Attributes": {"QueueArn": arn, "VisibilityTimeout": visibility}}

    return {
        "ListQueues": {"QueueUrls": [f"https://sqs.test/111111111111/{name}" for name in names]},
        "GetQueueAttributes": attributes,
        "GetResources": {"ResourceTagMappingList": []},
        "ListFunctions": {"Functions": []},
    }


def test_a_round_stores_resources_and_its_outcome(rounds: Rounds) -> None:
    rounds.aws.answers |= queues("orders", "mail")
    ended = rounds.round()
    assert (ended.result, ended.group, ended.calls) == (Result.OK, "sqs", 5)
    assert rounds.names() == ["mail", "orders"]


def test_a_queue_that_is_not_listed_any_more_is_gone(rounds: Rounds) -> None:
    rounds.aws.answers |= queues("orders", "mail")
    rounds.round()
    rounds.aws.answers |= queues("orders")
    rounds.round()
    assert rounds.names() == ["orders"]
    assert rounds.names(gone=True) == ["mail"]


def test_a_round_that_could_not_ask_takes_nothing_away(rounds: Rounds) -> None:
    rounds.aws.answers |= queues("orders")
    rounds.round()
    rounds.aws.answers["ListQueues"] = Refusal("AccessDeniedException", 403)
    ended = rounds.round()
    assert (ended.result, ended.action) == (Result.DENIED, "sqs:ListQueues")
    assert rounds.names() == ["orders"]


def test_missing_tags_make_a_round_partial(rounds: Rounds) -> None:
    rounds.aws.answers |= queues("orders")
    rounds.aws.answers["GetResources"] = Refusal("AccessDeniedException", 403)
    ended = rounds.round()
    assert ended.result is Result.PARTIAL
    assert "tag:GetResources" in ended.message


def test_a_changed_setting_is_remembered_with_what_it_was(rounds: Rounds) -> None:
    rounds.aws.answers |= queues("orders")
    rounds.round()
    rounds.aws.answers |= queues("orders", visibility="60")
    rounds.round()
    newest = rounds.store.resources.changes(QUEUE + "orders", 10)[0]
    assert newest.before is not None
    assert newest.after is not None
    assert (newest.before["VisibilityTimeout"], newest.after["VisibilityTimeout"]) == (30, 60)


def test_rounds_without_a_change_record_none(rounds: Rounds) -> None:
    rounds.aws.answers |= queues("orders")
    rounds.round()
    before = len(rounds.store.resources.changes(QUEUE + "orders", 10))
    rounds.round()
    assert len(rounds.store.resources.changes(QUEUE + "orders", 10)) == before
