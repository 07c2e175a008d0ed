"""Log groups that are kept for ever, that take in a lot, or that hold nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from alerts.findings import Facts, log_groups
from alerts.findings.log_groups import RULES
from app.model.logs import LogGroup, LogGroupKey
from app.model.rounds import Batch
from app.read.books import Books
from tests.alerts.findings.test_logged import written
from tests.alerts.findings.yard import alarms, judged, rule_of
from tests.support.shelf import HOME, NOW, Shelf

PRICES = {"TimedStorage-ByteHrs": "0.0324", "DataProcessing-Bytes": "0.63"}
OLD = NOW - timedelta(days=31)


def listed(shelf: Shelf, *groups: LogGroup) -> None:
    shelf.commit(Batch(log_groups=groups, log_listings=[HOME]))


def group(name: str, days: int | None, stored: int, created: datetime = OLD) -> LogGroup:
    key = LogGroupKey(HOME, name)
    arn = f"arn:aws:logs:{HOME.region}:{HOME.account}:log-group:{name}:*"
    return LogGroup(key, arn, retention_days=days, stored_bytes=stored, created=created)


def test_a_group_without_retention_costs_what_it_stores(shelf: Shelf) -> None:
    listed(shelf, group("/aws/lambda/f", None, 50 * 2**30), group("/ecs/web", 30, 2**40))
    _, found = judged(shelf, rule_of(RULES, "CW-01"), PRICES)
    assert alarms(found) == [("/aws/lambda/f", "1.62")]
    assert found[0].resource == "arn:aws:logs:eu-central-1:111111111111:log-group:/aws/lambda/f"


def test_groups_that_were_never_listed_are_not_none(shelf: Shelf) -> None:
    run, _ = judged(shelf, rule_of(RULES, "CW-01"))
    assert run.message == "logs of log-groups has not been read yet"


def test_an_old_group_that_holds_nothing(shelf: Shelf) -> None:
    young = NOW - timedelta(days=29)
    listed(shelf, group("/gone", 30, 0), group("/new", 30, 0, young), group("/used", 30, 1))
    run, found = judged(shelf, rule_of(RULES, "CW-16"))
    assert alarms(found) == [("/gone", None)]
    assert (run.ok, run.skip) == (1, 1)


def test_a_surge_is_three_times_the_usual_or_a_gigabyte(shelf: Shelf, monkeypatch) -> None:
    quiet = [40e6] * 7
    days = {
        "/thrice": [*quiet, 120e6], "/less": [*quiet, 119e6], "/tiny": [*[10e6] * 7, 49e6],
        "/large": [*[900e6] * 7, 2.0**30], "/unread": None,
    }  # fmt: skip
    listed(shelf, *(group(name, 30, 1) for name in days))
    read = {LogGroupKey(HOME, n): np.array(each) for n, each in days.items() if each}
    monkeypatch.setattr(log_groups, "_bytes_a_day", lambda _: read)
    run, found = judged(shelf, rule_of(RULES, "CW-02"), PRICES)
    assert alarms(found) == [("/large", "18.90"), ("/thrice", "2.11")]
    assert run.skip == 1


def test_the_bytes_of_a_group_are_those_of_its_events(shelf: Shelf) -> None:
    """Ten events of 30 bytes in the last half hour, beside another group's."""
    listed(shelf, group("/a", 30, 1))
    written(shelf, "/a", ["x" * 30] * 10)
    written(shelf, "/b", ["y" * 30] * 10)
    facts = Facts(Books(shelf.store, shelf.catalogue), HOME, NOW)
    found = log_groups._bytes_a_day(facts)
    assert found[LogGroupKey(HOME, "/a")][-1] == 300
    assert found[LogGroupKey(HOME, "/a")][:-1].sum() == 0


def test_events_count_for_the_days_that_they_spread_over() -> None:
    edges = np.array([0, 86_400_000, 172_800_000])
    first, last = np.array([0, 86_400_000]), np.array([172_799_999, 86_400_000])
    np.testing.assert_allclose(log_groups._spread(first, last, edges), [[0.5, 0.5], [0.0, 1.0]])
