"""Work that flows through the platform adds up, whatever goes wrong on the way."""

from __future__ import annotations

import numpy as np
import pytest

from app.demo.world.flows import calls_of, dead_letters, history, matched, through, work
from app.demo.world.incidents import Kind
from app.demo.world.world import World
from app.model.ids import Place, SeriesKey

HOME = Place("111111111111", "eu-central-1")
STAGING = Place("222222222222", "eu-central-1")
DAY = 1440
START = 20_780 * DAY


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("name", ["posts-api", "search-api", "chat-handler"])
def test_calls_of_an_api_are_invocations_or_throttles(world, name):
    sheet = world.sheet(HOME, START, START + DAY)
    done = work(sheet, sheet.deployment.function(name))
    assert (calls_of(sheet, name) == done.invoked + done.throttled).all()


def test_errors_are_never_more_than_invocations(world):
    sheet = world.sheet(HOME, START, START + DAY)
    for function in sheet.deployment.functions:
        done = work(sheet, function)
        assert (done.failed <= done.invoked).all(), function.name


def test_events_matched_by_a_rule_are_sent_to_its_queue(world):
    sheet = world.sheet(HOME, START, START + DAY)
    queue = sheet.deployment.queue("notifications")
    passage = through(sheet, queue)
    assert (
        matched(sheet, sheet.deployment.rule(queue.rule)) == passage.sent - passage.sent_back
    ).all()


@pytest.mark.parametrize("name", ["notifications", "audio-jobs"])
def test_what_was_sent_was_deleted_given_up_or_lies_there(world, name):
    whole, passage = history(
        world.sheet(HOME, START, START + DAY), world.deployments[HOME].queue(name)
    )
    assert len(whole.minutes) >= 2 * DAY
    gone = np.cumsum(passage.deleted + passage.given_up)
    assert (np.cumsum(passage.sent) == gone + passage.waiting + passage.in_flight).all()


def test_a_failing_consumer_fills_the_dead_letter_queue(world):
    world.provoke(Kind.DLQ, HOME, START + 300, 30)
    sheet = world.sheet(HOME, START + 240, START + 360)
    passage = through(sheet, sheet.deployment.queue("notifications"))
    assert passage.given_up[66:90].sum() > 200
    assert passage.given_up[66:90].sum() < passage.sent[60:90].sum()


def test_its_function_fails_at_the_same_time(world):
    world.provoke(Kind.DLQ, HOME, START + 300, 30)
    sheet = world.sheet(HOME, START + 240, START + 360)
    failed = work(sheet, sheet.deployment.function("notify-subscribers")).failed
    assert failed[65:85].min() > 0
    assert failed[:55].max() <= 1


def test_a_redrive_empties_the_dead_letter_queue_into_its_source(world):
    queue = world.deployments[HOME].queue("audio-jobs")
    whole, passage = history(world.sheet(HOME, START, START + DAY), queue)
    lying = dead_letters(whole, whole.deployment.queue("audio-jobs-dlq"), passage.given_up)
    beats = np.flatnonzero(passage.sent_back)[2:]
    assert len(beats) >= 3
    assert (passage.sent_back[beats] == lying[beats - 1]).all()
    assert (lying[beats] == passage.given_up[beats]).all()
    assert set(np.diff(beats)) == {360}


def test_a_slow_consumer_lets_the_queue_pile_up_and_catches_up_later(world):
    world.provoke(Kind.BACKLOG, HOME, START + 300, 60)
    sheet = world.sheet(HOME, START + 240, START + 480)
    passage = through(sheet, sheet.deployment.queue("audio-jobs"))
    assert passage.waiting[:58].max() == 0
    assert passage.waiting[115] > 400
    assert passage.waiting[-1] == 0
    assert passage.oldest_s[115] > 1000
    assert passage.oldest_s[30] < 120


def test_throttled_calls_are_not_invoked(world):
    world.provoke(Kind.THROTTLES, HOME, START + 300, 30)
    sheet = world.sheet(HOME, START + 240, START + 360)
    done = work(sheet, sheet.deployment.function("search-api"))
    assert done.throttled[65:85].min() > 10
    assert done.throttled[:59].sum() == 0


def test_the_broken_function_of_staging_fails_every_time(world):
    sheet = world.sheet(STAGING, START, START + DAY)
    done = work(sheet, sheet.deployment.function("legacy-import"))
    assert (done.invoked == 12).all()
    assert (done.failed == 12).all()


def test_events_that_a_function_dropped_lie_in_its_queue(world):
    start, end = START, START + DAY
    function = {"FunctionName": "legacy-import"}
    queue = {"QueueName": "legacy-import-failed"}

    def total(namespace, metric, dimensions):
        key = SeriesKey.of(STAGING, namespace, metric, dimensions)
        return world.samples(key, start, end).total

    dropped = total("AWS/Lambda", "AsyncEventsDropped", function)
    assert (dropped == 4).all()
    assert (total("AWS/SQS", "NumberOfMessagesSent", queue) == dropped).all()
    lying = total("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue)
    removed = total("AWS/SQS", "NumberOfMessagesDeleted", queue)
    assert (np.diff(lying) == (dropped - removed)[1:]).all()
    assert np.count_nonzero(removed) == 3
