"""Everything that a message can say of one transition, and the words that all channels share."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from alerts.links import alarm_page, metric_in_console, page_of
from app.model.alarms import AlarmDefinition, Severity, Transition
from app.model.ids import Place
from app.model.states import AlarmState
from app.read.alarm_subject import subject

_PAGES = {"digest": "spend", "finding": "spend/savings"}
_LETTER_PAGES = {"Spend": "spend", "Budgets": "spend/budgets", "Savings": "spend/savings"}
"""Where messages lead that are of no alarm."""

_BARS = "▁▂▃▄▅▆▇█"
_GAP = "·"
_POINTS = 40
_SIGNS = {
    "GreaterThanOrEqualToThreshold": "≥",
    "GreaterThanThreshold": ">",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "≤",
}


@dataclass(frozen=True, slots=True)
class Names:
    """What people call things: accounts by id, and the address the pages are reached under."""

    accounts: Mapping[str, str] = field(default_factory=dict)
    public_url: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that tells of no alarm: a title, lines, and the same for programs.

    ``links`` are pages by title; none where nobody said under which address they are reached.
    """

    title: str
    lines: tuple[str, ...]
    data: Mapping[str, Any]
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        links = [f"{title}: {url}" for title, url in self.links.items()]
        return "\n".join((self.title, "", *self.lines, *([""] if links else []), *links))


@dataclass(frozen=True, slots=True)
class Notice:
    """One transition with its alarm, ready to be written for any channel.

    ``after_mute`` is true for a message that waited for the end of a silence.
    """

    transition: Transition
    definition: AlarmDefinition
    account: str
    page: str = ""
    console: str = ""
    after_mute: bool = False
    public_url: str | None = None

    @classmethod
    def of(cls, change: Transition, definition: AlarmDefinition | None, names: Names) -> Notice:
        """The notice of a transition; an alarm that is no longer defined keeps its name."""
        alarm = definition or _undefined(change)
        kind = change.reason_data.get("kind")
        page = _PAGES.get(str(kind))
        return cls(
            transition=change,
            definition=alarm,
            account=names.accounts.get(alarm.place.account, alarm.place.account),
            page=page_of(page, names.public_url)
            if page
            else alarm_page(change.alarm, names.public_url),
            console=metric_in_console(alarm),
            public_url=names.public_url,
        )

    @property
    def key(self) -> str:
        """The same for every repeat of this message, and for no other: consumers drop by it."""
        change = self.transition
        written = f"{self._subject}\n{change.at.isoformat()}\n{change.new}"
        return hashlib.sha256(written.encode()).hexdigest()[:32]

    @property
    def incident(self) -> str:
        """The same for all messages of one alarm, or of one of its contributors."""
        return hashlib.sha256(self._subject.encode()).hexdigest()[:32]

    @property
    def _subject(self) -> str:
        change = self.transition
        return f"{change.alarm}\n{change.contributor}" if change.contributor else change.alarm

    @property
    def group(self) -> str:
        """What the contributor is grouped by: ``Team=a``; empty for the alarm itself."""
        return ", ".join(f"{k}={v}" for k, v in self.transition.attributes.items())

    @property
    def state(self) -> AlarmState:
        return self.transition.new

    @property
    def mark(self) -> str:
        """A shape that tells the state without colour."""
        if self.state is AlarmState.ALARM:
            return "⯃" if self.definition.severity is Severity.CRITICAL else "▲"
        return "○" if self.state is AlarmState.OK else "◌"

    @property
    def word(self) -> str:
        """The state in words; an alarm also says how loud it is."""
        if self.state is AlarmState.ALARM:
            return f"ALARM ({self.definition.severity})"
        return "OK" if self.state is AlarmState.OK else "INSUFFICIENT DATA"

    @property
    def letter(self) -> Letter | None:
        """The digest that is sent, None for a change of state."""
        data = self.transition.reason_data
        if data.get("kind") != "digest":
            return None
        home = self.public_url
        links = {t: page_of(path, home) for t, path in _LETTER_PAGES.items()} if home else {}
        return Letter(str(data["title"]), tuple(data["lines"]), data["data"], links)

    @property
    def title(self) -> str:
        if self.letter is not None:
            return self.letter.title
        of = f" ({self.group})" if self.group else ""
        return f"{self.mark} {self.word}: {self.definition.name}{of}"

    @property
    def value(self) -> float | None:
        """The newest value that decided, None where there was none."""
        data = self.transition.reason_data
        points = data.get("evaluatedDatapoints") or data.get("results") or ()
        values = [p["value"] for p in points if p.get("value") is not None]
        return float(values[0]) if values else None

    @property
    def against(self) -> str:
        """``Maximum ApproximateAge 312 > 300``: value, comparison and threshold."""
        put = self.definition.put
        if put.get("AlarmRule"):
            return str(put["AlarmRule"])
        if "Threshold" not in put:
            return ""
        sign = _SIGNS.get(str(put.get("ComparisonOperator")), "")
        statistic = put.get("Statistic") or put.get("ExtendedStatistic") or ""
        firing = self.transition.reason_data.get("contributors")
        got = "no data" if self.value is None else number(self.value)
        got = f"{len(firing)} in ALARM" if firing else got
        metric = f"{statistic} {put.get('MetricName') or subject(put)}".strip()
        return f"{metric}: {got} (alarm when {sign} {number(float(put['Threshold']))})"

    @property
    def resource(self) -> str:
        """The resource by its short name, or the dimensions where none is known."""
        put = self.definition.put
        if self.definition.resource:
            return self.definition.resource.rsplit(":", 1)[-1]
        return ", ".join(f"{d['Name']}={d['Value']}" for d in put.get("Dimensions") or ())

    @property
    def sparkline(self) -> str:
        """The recent points as text, oldest first, gaps as dots; empty for fewer than two."""
        points = self.transition.reason_data.get("recentDatapoints") or ()
        return sparkline(points) if len(points) > 1 else ""

    @property
    def since(self) -> str:
        return f"{self.transition.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def sparkline(values: Sequence[float | None]) -> str:
    """Bars between the smallest and the largest value; the newest 40 points."""
    shown = list(values)[-_POINTS:]
    real = [v for v in shown if v is not None and math.isfinite(v)]
    if not real:
        return ""
    low, high = min(real), max(real)
    width = (high - low) or 1.0

    def bar(value: float | None) -> str:
        if value is None or not math.isfinite(value):
            return _GAP
        return _BARS[min(len(_BARS) - 1, int((value - low) / width * len(_BARS)))]

    return "".join(map(bar, shown))


def number(value: float) -> str:
    """A number for people: at most six significant digits, no exponent below a trillion."""
    if not math.isfinite(value):
        return str(value)
    text = f"{value:.6g}"
    return f"{value:.0f}" if "e+" in text and abs(value) < 1e12 else text


def shortened(text: str, longest: int) -> str:
    """``text``, cut with an ellipsis where it is longer than a channel takes."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def stamp(at: datetime) -> str:
    """A time as CloudWatch writes it: ``2026-01-01T12:00:00.401+0000``."""
    when = at.astimezone(UTC)
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}+0000"


def _undefined(change: Transition) -> AlarmDefinition:
    """What is known of an alarm that is not defined: its id, and what the change itself tells."""
    account, _, rest = change.alarm.partition("/")
    region, _, name = rest.partition("/")
    told = change.reason_data
    put: dict[str, Any] = {"AlarmName": told.get("title") or name or change.alarm}
    if told.get("description"):
        put["AlarmDescription"] = told["description"]
    severity = Severity(told.get("severity", Severity.CRITICAL))
    resource = str(told.get("resource") or "")
    return AlarmDefinition(Place(account, region), put, severity, resource=resource)
