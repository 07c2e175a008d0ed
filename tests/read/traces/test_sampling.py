"""What X-Ray kept of all requests, and what it noticed, as the collector stores it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.model.ids import Resource, SeriesKey
from app.model.rounds import Batch, Listing
from app.model.traces import SAMPLING_NAMESPACE, XRAY, Node
from app.read.traces import sampled_share
from tests.support.shelf import AWAY, HOME, Shelf


def counted(shelf: Shelf, rule: str, place=HOME, **lines: str) -> None:
    for metric, line in lines.items():
        key = SeriesKey.of(place, SAMPLING_NAMESPACE, metric, {"RuleName": rule})
        shelf.put(key, line)


def test_a_rule_tells_which_share_it_kept_in_the_minutes_that_are_known(shelf: Shelf) -> None:
    counted(shelf, "posts", RequestCount="100 _ _ 300", SampledCount="4 _ _ 12")
    counted(shelf, "health", RequestCount="0 0", SampledCount="0 0", BorrowCount="0 0")
    counted(shelf, "posts", AWAY, RequestCount="50", SampledCount="50", BorrowCount="10")
    rules = shelf.reads.traces.sampling(shelf.scope())
    told = [(r.place, r.rule, r.requests, r.sampled, r.borrowed, r.minutes) for r in rules]
    assert told == [
        (HOME, "health", 0.0, 0.0, 0.0, 2),
        (HOME, "posts", 400.0, 16.0, 0.0, 2),
        (AWAY, "posts", 50.0, 50.0, 10.0, 1),
    ]
    assert [r.share for r in rules] == [None, 0.04, 1.0]
    assert rules[1].requests_per_minute == 200.0
    # (8 + 50) of (200 + 50) requests a minute, however many minutes of each are known.
    assert sampled_share(rules) == pytest.approx(0.232)


def test_a_share_that_is_not_known_is_none(shelf: Shelf) -> None:
    counted(shelf, "posts", RequestCount="100", SampledCount="4")
    only_away = shelf.scope(timedelta(hours=1), AWAY)
    assert shelf.reads.traces.sampling(only_away) == ()
    assert sampled_share(()) is None


NODE = {"Name": "posts-api", "AccountId": HOME.account, "Type": "AWS::Lambda::Function"}


def insight(name: str, start: datetime, end: datetime, state: str = "CLOSED") -> Resource:
    given: dict[str, Any] = {
        "InsightId": name,
        "GroupName": "faults",
        "State": state,
        "StartTime": start,
        "EndTime": end,
        "Summary": "Faults rose.",
        "RootCauseServiceId": NODE,
        "Categories": ["FAULT"],
        "ClientRequestImpactStatistics": {"FaultCount": 412, "OkCount": 5_120, "TotalCount": 5_532},
        "TopAnomalousServices": [{"ServiceId": NODE}],
    }
    arn = f"arn:aws:xray:{HOME.region}:{HOME.account}:insight/{name}"
    return Resource(
        arn=arn, account=HOME.account, region=HOME.region, service=XRAY, kind="insight",
        id=name, name=name, state=state, configuration=given,
    )  # fmt: skip


def test_insights_of_the_window_are_told_also_when_x_ray_lists_them_no_more(shelf: Shelf) -> None:
    ends = shelf.now - timedelta(minutes=30)
    shelf.commit(
        Batch(
            resources=[
                insight("closed", ends - timedelta(hours=2), ends),
                insight("open", ends - timedelta(hours=9), ends - timedelta(hours=8), "ACTIVE"),
                insight("old", shelf.now - timedelta(days=2), shelf.now - timedelta(days=1)),
            ]
        )
    )
    shelf.commit(Batch(listings=[Listing(HOME, XRAY, "insight")]))
    closed, still_open = shelf.reads.traces.insights(shelf.scope())
    assert (closed.id, closed.state, closed.end) == ("closed", "CLOSED", ends)
    assert (closed.place, closed.group, closed.summary) == (HOME, "faults", "Faults rose.")
    assert (closed.faults, closed.requests, closed.categories) == (412, 5_532, ("FAULT",))
    node = Node(HOME.account, "posts-api", "AWS::Lambda::Function")
    assert (closed.cause, closed.services) == (node, (node,))
    assert (still_open.id, still_open.end) == ("open", None)
    assert closed.start.tzinfo is UTC
