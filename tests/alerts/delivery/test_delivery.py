"""From the outbox of a real ledger to a channel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.channel import Message, Rate
from alerts.delivery import deliver
from alerts.message import Notice
from app.config import StoreSettings
from app.model.alarms import AlarmDefinition, AlarmStatus, DeliveryState, Silence, Transition
from app.model.errors import NotifyFailed
from app.model.states import AlarmState
from app.store import Ledger, open_store
from tests.support.notices import AT, DEFINITION, PUT

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
OK, ALARM = AlarmState.OK, AlarmState.ALARM
PENDING, SENT, HELD, FAILED = DeliveryState
A = "111122223333/us-east-1/a"


@dataclass
class Book:
    """A channel that keeps what it is given; ``answers`` are errors of the next tries."""

    rate: Rate = field(default_factory=lambda: Rate(100, SECOND))
    together: int = 1
    answers: list[NotifyFailed | None] = field(default_factory=list)
    sent: list[Sequence[str]] = field(default_factory=list)

    def render(self, notices: Sequence[Notice]) -> Message:
        return {"texts": [f"{n.definition.name} {n.state}" for n in notices]}

    def send(self, message: Message) -> None:
        error = self.answers.pop(0) if self.answers else None
        if error is not None:
            raise error
        self.sent.append(message["texts"])


@dataclass
class Desk:
    """A ledger with one channel ``ops``."""

    ledger: Ledger
    ops: Book

    def change(
        self, new: AlarmState, at: datetime, name: str = "a", old: AlarmState | None = None
    ) -> None:
        """Put a change of one alarm on record, owed to ``ops``."""
        alarm = f"111122223333/us-east-1/{name}"
        before = old or (OK if new is ALARM else ALARM)
        status = AlarmStatus(alarm, new, "because", {}, at, at)
        change = Transition(alarm, at, before, new, "because", {})
        self.ledger.record([status], [(change, ["ops"])], at)

    def deliver(self, at: datetime) -> list[Sequence[str]]:
        """What one go sends."""
        before = len(self.ops.sent)
        deliver(self.ledger, {"ops": self.ops}, at)
        return self.ops.sent[before:]

    def states(self) -> list[DeliveryState]:
        return [d.state for d in reversed(self.ledger.deliveries())]

    def why(self) -> str:
        return self.ledger.deliveries()[0].why


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = open_store(StoreSettings(path=tmp_path), AT)
    alarms = [replace(DEFINITION, put=PUT | {"AlarmName": name}) for name in ("a", "b")]
    store.ledger.define(alarms, AT)
    yield Desk(store.ledger, Book())
    store.close()


def passing(retry_after: timedelta | None = None) -> NotifyFailed:
    return NotifyFailed("the receiver answered 503", permanent=False, retry_after=retry_after)


def test_a_change_is_sent_once(desk: Desk) -> None:
    desk.change(ALARM, AT)
    assert desk.deliver(AT) == [["a ALARM"]]
    assert desk.deliver(AT + HOUR) == []
    assert desk.states() == [SENT]


def test_a_failure_that_may_pass_is_tried_again_later(desk: Desk) -> None:
    desk.ops.answers = [passing(), passing()]
    desk.change(ALARM, AT)
    assert desk.deliver(AT) == []
    assert (desk.states(), desk.why()) == ([PENDING], "the receiver answered 503")
    assert desk.deliver(AT + SECOND) == []
    assert len(desk.ops.answers) == 1
    assert desk.deliver(AT + 11 * SECOND) == []
    assert desk.deliver(AT + MINUTE) == [["a ALARM"]]
    assert desk.ledger.deliveries()[0].attempts == 3


def test_waits_double_and_stay_below_a_quarter_of_an_hour(desk: Desk) -> None:
    desk.ops.answers = [passing()] * 12
    desk.change(ALARM, AT)
    at, waits = AT, []
    for _ in range(12):
        desk.deliver(at)
        waits.append((desk.ledger.deliveries()[0].next_try - at) / SECOND)
        at = desk.ledger.deliveries()[0].next_try
    assert 7 <= waits[0] <= 10
    assert 14 <= waits[1] <= 20
    assert 11 * 60 <= waits[-1] <= 15 * 60


def test_a_receiver_that_says_how_long_to_wait_is_obeyed(desk: Desk) -> None:
    desk.ops.answers = [passing(5 * MINUTE)]
    desk.change(ALARM, AT)
    desk.deliver(AT)
    assert desk.deliver(AT + 4 * MINUTE) == []
    assert desk.deliver(AT + 5 * MINUTE) == [["a ALARM"]]


def test_a_refusal_is_not_tried_again(desk: Desk) -> None:
    desk.ops.answers = [NotifyFailed("the receiver answered 404", permanent=True)]
    desk.change(ALARM, AT)
    assert desk.deliver(AT) == []
    assert desk.deliver(AT + HOUR) == []
    assert (desk.states(), desk.why()) == ([FAILED], "the receiver answered 404")


def test_a_refusal_stops_no_other_message(desk: Desk) -> None:
    desk.ops.answers = [NotifyFailed("the receiver answered 400", permanent=True)]
    desk.change(ALARM, AT, "a")
    desk.change(ALARM, AT, "b")
    assert desk.deliver(AT) == [["b ALARM"]]


def test_a_message_is_given_up_after_a_day(desk: Desk) -> None:
    desk.ops.answers = [passing()]
    desk.change(ALARM, AT)
    desk.deliver(AT + timedelta(days=1))
    assert desk.states() == [FAILED]
    assert desk.why() == "given up after 1 tries and a day: the receiver answered 503"


def test_a_dead_receiver_is_asked_once_in_a_go(desk: Desk) -> None:
    desk.ops.answers = [passing(), passing()]
    desk.change(ALARM, AT, "a")
    desk.change(ALARM, AT, "b")
    desk.deliver(AT)
    assert len(desk.ops.answers) == 1


def test_a_recovery_never_overtakes_its_alarm(desk: Desk) -> None:
    desk.ops.answers = [passing()]
    desk.change(ALARM, AT)
    desk.deliver(AT)
    desk.change(OK, AT + SECOND)
    assert desk.deliver(AT + 2 * SECOND) == []
    assert desk.deliver(AT + MINUTE) == [["a ALARM"], ["a OK"]]


def test_a_channel_that_does_not_exist_is_a_failure_with_the_remedy(desk: Desk) -> None:
    desk.change(ALARM, AT)
    deliver(desk.ledger, {}, AT)
    assert desk.states() == [FAILED]
    assert desk.why() == "there is no channel `ops`; add it under notifications.channels"


def test_one_channel_that_fails_stops_no_other(desk: Desk) -> None:
    alarm = f"{DEFINITION.place}/a"
    change = Transition(alarm, AT, OK, ALARM, "because", {})
    desk.ledger.record([], [(change, ["broken", "ops"])], AT)
    broken = Book(answers=[passing()])
    deliver(desk.ledger, {"broken": broken, "ops": desk.ops}, AT)
    assert desk.ops.sent == [["a ALARM"]]
    assert sorted(desk.states()) == [PENDING, SENT]


def test_a_notifier_that_breaks_loses_only_its_message(desk: Desk) -> None:
    class Broken(Book):
        def render(self, notices: Sequence[Notice]) -> Message:
            raise KeyError("https://hooks.example.com/secret")

    desk.change(ALARM, AT)
    deliver(desk.ledger, {"ops": Broken()}, AT)
    assert desk.states() == [FAILED]
    assert desk.why() == "the message could not be written (KeyError)"


def test_the_rate_of_a_channel_is_kept(desk: Desk) -> None:
    desk.ops.rate = Rate(2, SECOND)
    for number in range(5):
        desk.change(ALARM, AT, f"n{number}")
    assert desk.deliver(AT) == [["n0 ALARM"], ["n1 ALARM"]]
    assert desk.deliver(AT) == []
    assert desk.deliver(AT + SECOND) == [["n2 ALARM"]]
    assert desk.deliver(AT + 3 * SECOND) == [["n3 ALARM"], ["n4 ALARM"]]


def test_a_storm_is_one_message_where_the_channel_can_roll_up(desk: Desk) -> None:
    desk.ops.together = 3
    for number in range(4):
        desk.change(ALARM, AT, f"n{number}")
    assert desk.deliver(AT) == [["n0 ALARM", "n1 ALARM", "n2 ALARM", "n3 ALARM"]]
    assert desk.states() == [SENT] * 4


def test_a_few_messages_are_not_rolled_up(desk: Desk) -> None:
    desk.ops.together = 3
    for number in range(3):
        desk.change(ALARM, AT, f"n{number}")
    assert desk.deliver(AT) == [["n0 ALARM"], ["n1 ALARM"], ["n2 ALARM"]]


def silence(desk: Desk, until: datetime | None, **matchers: str) -> Silence:
    made = Silence(0, matchers or {"alarm": "a"}, AT - HOUR, until, "kim", "deployment")
    return desk.ledger.add_silence(made)


def test_a_silenced_alarm_is_held_and_told_when_the_silence_ends(desk: Desk) -> None:
    silence(desk, AT + HOUR)
    desk.change(ALARM, AT)
    assert desk.deliver(AT) == []
    assert desk.states() == [HELD]
    assert desk.why() == "silenced until 2026-01-01 13:00 UTC by kim: deployment"
    assert desk.deliver(AT + HOUR - MINUTE) == []
    assert desk.deliver(AT + HOUR) == [["a ALARM"]]
    assert desk.states() == [SENT]


def test_what_came_and_went_under_a_silence_is_told_as_it_stands(desk: Desk) -> None:
    silence(desk, AT + HOUR)
    desk.change(ALARM, AT)
    desk.change(OK, AT + MINUTE)
    desk.deliver(AT + MINUTE)
    assert desk.deliver(AT + HOUR) == [["a OK"]]
    held = desk.ledger.deliveries()[1]
    assert (held.state, held.finished) == (HELD, AT + HOUR)
    assert held.why.endswith("the state changed again meanwhile")


def test_contributors_of_one_alarm_are_no_repeats_of_each_other(desk: Desk) -> None:
    contributors(desk, AT, "x", "y")
    assert desk.deliver(AT) == [["a ALARM"], ["a ALARM"]]


def test_of_each_silenced_contributor_the_newest_change_is_told(desk: Desk) -> None:
    silence(desk, AT + HOUR)
    contributors(desk, AT, "x", "y")
    contributors(desk, AT + MINUTE, "x", new=OK)
    contributors(desk, AT + 2 * MINUTE, "x")
    desk.deliver(AT + 2 * MINUTE)
    assert desk.deliver(AT + HOUR) == [["a ALARM"], ["a ALARM"]]
    sent = [d.transition for d in desk.ledger.deliveries() if d.state is SENT]
    assert {(t.contributor, t.at) for t in sent} == {("x", AT + 2 * MINUTE), ("y", AT)}


def contributors(desk: Desk, at: datetime, *ids: str, new: AlarmState = ALARM) -> None:
    """Some contributors of alarm ``a`` came into a state."""
    firing = {id_: {} for id_ in ids if new is ALARM}
    status = AlarmStatus(A, ALARM, "because", {"contributors": firing}, at, at)
    old = OK if new is ALARM else ALARM
    changes = [Transition(A, at, old, new, "because", {}, contributor=id_) for id_ in ids]
    desk.ledger.record([status], [(change, ["ops"]) for change in changes], at)


def test_a_silence_that_is_ended_early_lets_the_message_go(desk: Desk) -> None:
    made = silence(desk, AT + HOUR)
    desk.change(ALARM, AT)
    desk.deliver(AT)
    desk.ledger.end_silence(made.id, AT + MINUTE)
    assert desk.deliver(AT + 2 * MINUTE) == [["a ALARM"]]


def test_a_silence_holds_only_what_it_matches(desk: Desk) -> None:
    silence(desk, AT + HOUR, alarm="b")
    desk.change(ALARM, AT, "a")
    desk.change(ALARM, AT, "b")
    assert desk.deliver(AT) == [["a ALARM"]]


def test_a_change_that_is_on_record_twice_is_told_once(desk: Desk) -> None:
    desk.change(ALARM, AT)
    desk.change(ALARM, AT + SECOND)
    assert desk.deliver(AT + SECOND) == [["a ALARM"]]
    assert desk.states() == [SENT, HELD]


def test_an_alarm_that_is_no_longer_defined_is_still_told(desk: Desk) -> None:
    desk.change(ALARM, AT)
    gone: list[AlarmDefinition] = []
    desk.ledger.define(gone, AT)
    assert desk.deliver(AT) == [["a ALARM"]]
