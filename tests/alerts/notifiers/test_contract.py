"""What every kind of channel must do.

A new one is picked up by itself; it only needs ``cases/<module>.yaml`` with its settings,
where ``{url}`` stands for a receiver on loopback.
"""

from __future__ import annotations

import json
import logging
import pkgutil
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import alerts.notifiers
from alerts.channel import Notifier
from alerts.message import Names, Notice
from app.config import NotificationSettings
from app.model.errors import Denied, NotifyFailed, Throttled, Unreachable
from tests.support.notices import ALARM, NO_DATA, OK, notice
from tests.support.receiver import Receiver

CASES = Path(__file__).with_name("cases")
KINDS = sorted(module.name for module in pkgutil.iter_modules(alerts.notifiers.__path__))
NOTICES = {
    "alarm": notice(ALARM),
    "ok": notice(OK),
    "no data": notice(NO_DATA),
    "a name of 255 characters": notice(ALARM, AlarmName="ä" * 255),
    "null values": notice(ALARM, Dimensions=None, AlarmDescription=None, Unit=None),
    "markup": notice(ALARM, AlarmName="<!channel> & <b>|x"),
    "an alarm that is gone": Notice.of(ALARM, None, Names()),
}


def publisher(url: str) -> Callable[[str, str, str, str], None]:
    """SNS by way of a receiver: AWS's errors for the same statuses."""

    def publish(account: str, topic: str, subject: str, message: str) -> None:
        del account, topic
        body = json.dumps({"subject": subject, "message": message}).encode()
        try:
            urllib.request.urlopen(urllib.request.Request(url, body)).close()
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 429:
                raise Throttled("slow down") from None
            raise (Unreachable if error.code >= 500 else Denied)("no sns:Publish") from None
        except OSError:
            raise Unreachable("no connection to sns") from None

    return publish


def build(kind: str, url: str) -> Notifier:
    written = yaml.safe_load((CASES / f"{kind}.yaml").read_text().replace("{url}", url))
    settings = NotificationSettings.model_validate({"channels": {"it": written}})
    return alerts.notifiers.build(settings, publisher(url))["it"]


def sends(kind: str) -> bool:
    return kind != "console"


every_kind = pytest.mark.parametrize("kind", KINDS)
every_sender = pytest.mark.parametrize("kind", list(filter(sends, KINDS)))


@every_kind
def test_it_is_listed_and_has_a_case(kind: str) -> None:
    assert kind in alerts.notifiers.KINDS
    assert (CASES / f"{kind}.yaml").is_file()


@every_kind
@pytest.mark.parametrize("told", NOTICES.values(), ids=NOTICES)
def test_it_writes(kind: str, told: Notice) -> None:
    notifier = build(kind, "http://127.0.0.1:9/x")
    message = notifier.render([told])
    assert message == notifier.render([told])
    text = json.dumps(message, ensure_ascii=False)
    assert str(told.transition.new) in text or told.word in text


@every_kind
def test_it_rolls_up_or_asks_for_one_at_a_time(kind: str) -> None:
    notifier = build(kind, "http://127.0.0.1:9/x")
    assert notifier.rate.burst >= 1
    if notifier.together > 1:
        many = [notice(ALARM, AlarmName=f"alarm-{i}") for i in range(100)]
        text = json.dumps(notifier.render(many))
        assert "100" in text
        assert len(text) < 12_000


@every_sender
def test_it_sends_once(kind: str) -> None:
    with Receiver() as receiver:
        notifier = build(kind, receiver.url)
        notifier.send(notifier.render([NOTICES["alarm"]]))
    assert len(receiver.got) == 1
    assert b"orders-5xx" in receiver.got[0].body


@every_sender
@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_answer_that_may_change_is_tried_again(kind: str, status: int) -> None:
    with Receiver(status) as receiver:
        notifier = build(kind, receiver.url)
        with pytest.raises(NotifyFailed) as caught:
            notifier.send(notifier.render([NOTICES["alarm"]]))
    assert caught.value.permanent is False
    assert len(receiver.got) == 1


@every_sender
@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_a_refusal_is_permanent(kind: str, status: int) -> None:
    with Receiver(status) as receiver:
        notifier = build(kind, receiver.url)
        with pytest.raises(NotifyFailed) as caught:
            notifier.send(notifier.render([NOTICES["alarm"]]))
    assert caught.value.permanent is True


@every_sender
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/very-secret-path",
        "nonsense://very-secret-path",
        "http://very-secret-host.invalid/x",
    ],
)
def test_no_secret_is_in_an_error_or_a_log(
    kind: str, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    notifier = build(kind, url)
    with pytest.raises(NotifyFailed) as caught:
        notifier.send(notifier.render([NOTICES["alarm"]]))
    chain = [caught.value, caught.value.__cause__, caught.value.__suppress_context__]
    assert "very-secret" not in f"{chain} {caplog.text} {notifier!r}"


@every_sender
def test_no_secret_is_in_the_error_of_a_refusal(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with Receiver(404) as receiver:
        notifier = build(kind, receiver.url)
        with pytest.raises(NotifyFailed) as caught:
            notifier.send(notifier.render([NOTICES["alarm"]]))
    assert "very-secret" not in f"{caught.value} {caplog.text}"
