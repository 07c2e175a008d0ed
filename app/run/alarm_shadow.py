"""``watchdeck alarms shadow``: where AWS and Watchdeck differ about the accounts' own alarms."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.shadow import Agreement, Compared, Lone, Report, report
from alerts.verdict.numbers import double
from app.catalogue import load_catalogue
from app.config import Settings
from app.model.time import Window
from app.read.moments import moment
from app.run import show
from app.run.clock import utc_now
from app.run.exits import Exit
from app.run.report_store import opened

SHOWN = 50


def shadow(settings: Settings, since: str, *, json: bool) -> int:
    """Tell every difference with both reasons; exits with 1 if there is one."""
    now = utc_now()
    window = Window(moment(since, now, "--since"), now)
    with opened(settings) as store:
        found = report(store, load_catalogue(settings.catalogue.extras), window)
    if json:
        show.as_json(found)
    else:
        show.lines(_told(found, settings))
    return Exit.FAILED if found.count(Agreement.DIFFERS) else Exit.OK


def _told(found: Report, settings: Settings) -> list[str]:
    if not found.compared:
        on = bool(settings.collection.alarms)
        hint = "" if on else "; name them under collection.alarms in the settings"
        return [f"No alarm of an account has been read yet{hint}."]
    lines: list[str] = []
    for agreement in (Agreement.DIFFERS, Agreement.SETTLING, Agreement.UNKNOWN):
        for each in found.compared:
            if each.agreement is agreement:
                lines += _one(each)
    counts = ", ".join(f"{found.count(a)} {a}" for a in Agreement if found.count(a))
    return [*lines, *_past(found.lone), f"{show.counted(len(found.compared), 'alarm')}: {counts}"]


def _one(each: Compared) -> list[str]:
    alarm = each.alarm
    if each.agreement is Agreement.UNKNOWN:
        return [f"{alarm.id}: {each.agreement}", f"  {each.problem}"]
    lines = [
        f"{alarm.id}: {each.agreement}, {alarm.state} in AWS and {each.here} here",
        f"  AWS   {alarm.reason}",
        f"  here  {each.reason}",
    ]
    if each.cause:
        lines.append(f"  because {each.cause}")
    for point in each.points:
        pair = f"{_value(point.aws)} in AWS, {_value(point.here)} here"
        lines.append(f"    {point.at:%Y-%m-%d %H:%M:%S} UTC  {pair}")
    return lines


def _past(lone: Sequence[Lone]) -> list[str]:
    told = [
        f"  {each.at:%Y-%m-%d %H:%M} UTC  {each.alarm} to {each.state} "
        f"only {'in AWS' if each.by_aws else 'here'}: {each.reason}"
        for each in lone[-SHOWN:]
    ]
    return ["changes that only one of the two made:", *told] if told else []


def _value(value: float | None) -> str:
    return "no point" if value is None else double(value)
