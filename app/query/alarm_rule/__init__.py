"""Rules of composite alarms: ``ALARM(web) AND NOT ALARM("deployment runs")``.

Source: Amazon CloudWatch User Guide, "Combining alarms", and PutCompositeAlarm.
"""

from __future__ import annotations

from app.query.alarm_rule.parse import parse
from app.query.alarm_rule.run import Outcome, evaluate, explain
from app.query.alarm_rule.tree import Rule, elements, refs

__all__ = ["Outcome", "Rule", "elements", "evaluate", "explain", "parse", "refs"]
