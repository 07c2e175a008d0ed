"""What stands in a Slack message."""

from __future__ import annotations

import json

import pytest

from alerts.notifiers.slack import Slack
from app.config import Secret
from app.model.alarms import Severity, Transition
from app.model.errors import NotifyFailed
from tests.support.notices import ALARM, NO_DATA, OK, notice
from tests.support.receiver import Receiver

SLACK = Slack("ops", Secret("https://hooks.slack.example/x"))


def texts(message: object) -> str:
    return json.dumps(message, ensure_ascii=False)


def test_an_alarm_tells_everything_that_is_needed_at_night() -> None:
    message = SLACK.render([notice(ALARM)])
    assert message["text"] == "⯃ ALARM (critical): orders-5xx"
    (attachment,) = message["attachments"]
    head, reason, facts, spark, links = attachment["blocks"]
    assert head["text"]["text"] == (
        "*<https://ops.example.com/alarm/111122223333/us-east-1/orders-5xx"
        "|⯃ ALARM (critical): orders-5xx>*\nOK → *ALARM*"
    )
    assert reason["text"]["text"].startswith("Threshold Crossed: 1 out of the last 1 datapoints")
    assert [field["text"] for field in facts["fields"]] == [
        "*Value*\nSum 5XXError: 21.5 (alarm when &gt; 21)",
        "*Resource*\n/restapis/orders",
        "*Account*\nblog-prod (111122223333)",
        "*Region*\nus-east-1",
        "*Since*\n2026-01-01 12:00:00 UTC",
    ]
    assert spark["elements"][0]["text"] == "`▁▂·█` recent points, newest right"
    assert links["elements"][0]["text"] == (
        "<https://ops.example.com/alarm/111122223333/us-east-1/orders-5xx|Alarm>  "
        "<https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"
        "#metricsV2:graph=~(metrics~(~(~'AWS*2fApiGateway~'5XXError~'ApiName~'orders))"
        "~region~'us-east-1~stat~'Sum~period~60~view~'timeSeries)|Metric in the AWS console>"
    )


@pytest.mark.parametrize(
    ("change", "severity", "colour", "title"),
    [
        (ALARM, Severity.CRITICAL, "#9E2130", "⯃ ALARM (critical): orders-5xx"),
        (ALARM, Severity.WARNING, "#F7C244", "▲ ALARM (warning): orders-5xx"),
        (OK, Severity.CRITICAL, "#26795A", "○ OK: orders-5xx"),
        (NO_DATA, Severity.CRITICAL, "#5D687A", "◌ INSUFFICIENT DATA: orders-5xx"),
    ],
)
def test_a_state_is_a_colour_a_shape_and_a_word(
    change: Transition, severity: Severity, colour: str, title: str
) -> None:
    message = SLACK.render([notice(change, severity)])
    assert message["attachments"][0]["color"] == colour
    assert message["text"] == title


def test_names_cannot_mention_a_channel() -> None:
    written = texts(SLACK.render([notice(ALARM, AlarmName="<!channel>|x & y")]))
    assert "<!channel>" not in written
    assert "&lt;!channel&gt;¦x &amp; y" in written


def test_every_text_stays_within_what_slack_takes() -> None:
    message = SLACK.render(
        [notice(ALARM, AlarmName="n" * 255, Dimensions=[{"Name": "N", "Value": "v" * 1024}])]
    )
    for block in message["attachments"][0]["blocks"]:
        for part in [block.get("text"), *block.get("fields", []), *block.get("elements", [])]:
            if part and "console" not in part["text"]:
                assert len(part["text"]) < 2000


def test_a_storm_is_one_message_with_the_worst_first() -> None:
    storm = [notice(OK, AlarmName=f"ok-{i:02}") for i in range(18)]
    storm += [notice(ALARM, Severity.WARNING, AlarmName="warn"), notice(ALARM, AlarmName="crit")]
    message = SLACK.render(storm)
    assert message["text"] == "⯃ 20 alarms changed: 2 ALARM, 18 OK"
    listed = message["attachments"][0]["blocks"][1]["text"]["text"].split("\n")
    assert "crit" in listed[0]
    assert "warn" in listed[1]
    assert listed[-1] == "… and 5 more"


def test_the_description_tells_what_to_do() -> None:
    message = SLACK.render([notice(ALARM, AlarmDescription="Start the redrive.")])
    head = message["attachments"][0]["blocks"][0]["text"]["text"]
    assert head.endswith("OK → *ALARM*\nStart the redrive.")


def test_links_in_a_storm_are_never_cut() -> None:
    storm = [notice(ALARM, AlarmName=f"{i:02}{'ä' * 200}") for i in range(20)]
    section = SLACK.render(storm)["attachments"][0]["blocks"][1]["text"]["text"]
    *listed, last = section.split("\n")
    assert len(section) <= 3000
    assert all(line.count("<") == line.count(">") == 1 for line in listed)
    assert last == f"… and {20 - len(listed)} more"


def test_slack_says_why_it_refused() -> None:
    with Receiver(404) as receiver:
        slack = Slack("ops", Secret(receiver.url))
        with pytest.raises(NotifyFailed, match=r"^the receiver answered 404 \(ok\)$"):
            slack.send(slack.render([notice(ALARM)]))


def test_slack_that_asks_for_a_pause_is_believed() -> None:
    with Receiver(429, headers={"Retry-After": "30"}) as receiver:
        slack = Slack("ops", Secret(receiver.url))
        with pytest.raises(NotifyFailed) as caught:
            slack.send(slack.render([notice(ALARM)]))
    assert caught.value.retry_after is not None
    assert caught.value.retry_after.total_seconds() == 30
