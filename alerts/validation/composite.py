"""PutCompositeAlarm: a rule over other alarms, and the alarm that may suppress its actions.

Whether the alarms of a rule exist is told where they are known: by the book of the engine.
"""

from __future__ import annotations

from collections.abc import Iterator

from alerts.validation.common import Alarm, common, is_whole, services_of_actions
from app.query import alarm_rule
from app.query.lang import QueryError

MOST_CHILDREN = 100
MOST_ELEMENTS = 500
_PERIODS = ("ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")


def problems(alarm: Alarm) -> Iterator[str]:
    """Everything that PutCompositeAlarm would refuse without knowing the other alarms."""
    yield from common(alarm)
    rule = alarm.get("AlarmRule")
    named: list[str] = []
    try:
        tree = alarm_rule.parse(str(rule or ""))
    except QueryError as error:
        yield error.message
    else:
        named = [ref.name for ref in alarm_rule.refs(tree)]
        if (counted := alarm_rule.elements(tree)) > MOST_ELEMENTS:
            yield (
                f"AlarmRule has {counted} elements (alarms, TRUE, FALSE, brackets), at most "
                f"{MOST_ELEMENTS} are allowed; move a part into a composite alarm of its own."
            )
    if len(set(named)) > MOST_CHILDREN:
        yield f"AlarmRule can refer to at most {MOST_CHILDREN} alarms."
    if alarm.get("AlarmName") in named:
        yield (
            "A composite alarm cannot have a child relation with itself via its AlarmRule, as it "
            "would introduce a circular dependency"
        )
    if {"ec2", "autoscaling"} & services_of_actions(alarm):
        yield "EC2 and Auto Scaling actions are not supported for composite alarms."
    yield from _suppressor(alarm)


def _suppressor(alarm: Alarm) -> Iterator[str]:
    suppressor = alarm.get("ActionsSuppressor")
    given = [name for name in _PERIODS if alarm.get(name) is not None]
    if suppressor is None:
        for name in given:
            yield f"{name} goes with ActionsSuppressor only."
        return
    if not 1 <= len(suppressor) <= 1600:
        yield "ActionsSuppressor must have a length between 1 and 1600."
    if suppressor == alarm.get("AlarmName"):
        yield "A composite alarm cannot be its own ActionsSuppressor."
    for name in _PERIODS:
        if not is_whole(alarm.get(name)) or alarm[name] < 0:
            yield f"{name} must be a number of seconds with ActionsSuppressor."
