"""Messages to an incoming webhook of Slack, in Block Kit.

Colour says the state, and so do a shape and a word. Many notices at once become one
message that lists them.
"""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from slack_sdk.webhook import WebhookClient

from alerts.channel import Message, Publish, Rate
from alerts.message import Letter, Notice, shortened
from alerts.outbound import TIMEOUT_S, check
from app.config import Secret, SlackSettings
from app.model.alarms import Severity
from app.model.errors import NotifyFailed
from app.model.states import AlarmState

CRITICAL, WARNING, GOOD, UNKNOWN = "#9E2130", "#F7C244", "#26795A", "#5D687A"
_LONGEST_TITLE, _LONGEST_TEXT, _LONGEST_FIELD = 200, 1500, 400
_LISTED, _LONGEST_SECTION = 15, 2800
_ERROR_WORD = re.compile(r"^[a-z_]{1,40}$")

_RATE = Rate(burst=5, spacing=timedelta(seconds=1))


def make(name: str, settings: SlackSettings, publish: Publish) -> Slack:
    """A channel that posts to the webhook."""
    del publish
    return Slack(name, settings.webhook_url)


@dataclass(frozen=True, slots=True, repr=False)
class Slack:
    """Slack takes about one message a second for each webhook."""

    name: str
    webhook_url: Secret
    rate: Rate = _RATE
    together: int = 5

    def render(self, notices: Sequence[Notice]) -> Message:
        return _one(notices[0]) if len(notices) == 1 else _many(notices)

    def send(self, message: Message) -> None:
        client = WebhookClient(
            self.webhook_url.reveal(), timeout=int(TIMEOUT_S), retry_handlers=[], logger=_silent()
        )
        try:
            answer = client.send_dict(dict(message))
        except TimeoutError:
            raise NotifyFailed("Slack did not answer in time", permanent=False) from None
        except OSError as error:
            kind = type(error).__name__
            raise NotifyFailed(f"Slack cannot be reached ({kind})", permanent=False) from None
        except Exception as error:  # the SDK's own errors may carry the address
            kind = type(error).__name__
            raise NotifyFailed(f"the message was not sent ({kind})", permanent=True) from None
        said = answer.body.strip()
        check(answer.status_code, answer.headers, said if _ERROR_WORD.match(said) else "")


def _silent() -> logging.Logger:
    """A logger that keeps quiet: the SDK logs errors that may hold the address."""
    return logging.Logger("slack", logging.CRITICAL + 1)


def _letter(notice: Notice, letter: Letter) -> dict[str, Any]:
    """Title and lines; what does not fit is counted."""
    lines = [_escaped(shortened(line, _LONGEST_FIELD)) for line in letter.lines]
    listed = _fitting(lines)
    if len(lines) > len(listed):
        listed.append(f"… and {len(lines) - len(listed)} more")
    sections = [_section(f"*{_linked(notice)}*"), _section("\n".join(listed) or "—")]
    if letter.links:
        links = (f"<{url}|{title}>" for title, url in letter.links.items())
        sections.append(_context(" · ".join(links)))
    return _message(letter.title, UNKNOWN, sections)


def _one(notice: Notice) -> dict[str, Any]:
    if notice.letter is not None:
        return _letter(notice, notice.letter)
    change = notice.transition
    sections: list[dict[str, Any]] = [
        _section(f"*{_linked(notice)}*\n{change.old} → *{change.new}*{_described(notice)}"),
        _section(shortened(_escaped(change.reason), _LONGEST_TEXT)),
        {"type": "section", "fields": [_text(field) for field in _fields(notice)]},
    ]
    if notice.sparkline:
        sections.append(_context(f"`{notice.sparkline}` recent points, newest right"))
    links = _links(notice)
    if links:
        sections.append(_context(links))
    return _message(notice.title, _colour(notice), sections)


def _described(notice: Notice) -> str:
    """What the alarm is about and what to do, as its author wrote it."""
    text = str(notice.definition.put.get("AlarmDescription") or "")
    return f"\n{_escaped(shortened(text, _LONGEST_FIELD))}" if text else ""


def _many(notices: Sequence[Notice]) -> dict[str, Any]:
    """One message for a storm: the worst first, the rest counted."""
    ordered = sorted(notices, key=_weight)
    lines = [f"{_linked(n)}  ({_escaped(n.account)}, {n.definition.place.region})" for n in ordered]
    listed = _fitting(lines[:_LISTED])
    rest = len(lines) - len(listed)
    if rest > 0:
        listed.append(f"… and {rest} more")
    title = f"{ordered[0].mark} {len(notices)} alarms changed: {_counted(notices)}"
    return _message(
        title, _colour(ordered[0]), [_section(f"*{title}*"), _section("\n".join(listed))]
    )


def _fitting(lines: Sequence[str]) -> list[str]:
    """The first lines that fit into one section; none is cut, for it may hold a link."""
    ends = itertools.accumulate(len(line) + 1 for line in lines)
    return [line for line, end in zip(lines, ends, strict=True) if end <= _LONGEST_SECTION]


def _message(title: str, colour: str, blocks: list[dict[str, Any]]) -> dict[str, Any]:
    text = _escaped(shortened(title, _LONGEST_TITLE))
    return {"text": text, "attachments": [{"color": colour, "fallback": text, "blocks": blocks}]}


def _counted(notices: Sequence[Notice]) -> str:
    counts = {state: sum(n.state is state for n in notices) for state in AlarmState}
    order = (AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA, AlarmState.OK)
    return ", ".join(f"{counts[state]} {state}" for state in order if counts[state])


def _weight(notice: Notice) -> tuple[int, str]:
    order = (CRITICAL, WARNING, UNKNOWN, GOOD)
    return order.index(_colour(notice)), notice.definition.name


def _colour(notice: Notice) -> str:
    if notice.state is AlarmState.ALARM:
        return CRITICAL if notice.definition.severity is Severity.CRITICAL else WARNING
    return GOOD if notice.state is AlarmState.OK else UNKNOWN


def _fields(notice: Notice) -> list[str]:
    place = notice.definition.place
    account = notice.account
    shown = account if account == place.account else f"{account} ({place.account})"
    fields = {
        "Value": notice.against,
        "Resource": notice.resource,
        "Account": shown,
        "Region": place.region,
        "Since": notice.since,
    }
    return [
        f"*{name}*\n{shortened(_escaped(text), _LONGEST_FIELD)}"
        for name, text in fields.items()
        if text
    ]


def _linked(notice: Notice) -> str:
    title = _escaped(shortened(notice.title, _LONGEST_TITLE))
    return f"<{notice.page}|{title}>" if notice.page else title


def _links(notice: Notice) -> str:
    links = {"Alarm": notice.page, "Metric in the AWS console": notice.console}
    return "  ".join(f"<{url}|{name}>" for name, url in links.items() if url)


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _text(text)}


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [_text(text)]}


def _text(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def _escaped(text: str) -> str:
    """The three characters that Slack reads as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "¦")
