"""Alarms in the forms of others: read from them, written to them, and back without loss.

Inside, an alarm is the parameters of PutMetricAlarm, PutCompositeAlarm or PutLogAlarm.
"""

from __future__ import annotations

from alerts.exchange.files import FORMS, read_text, write_text
from alerts.exchange.found import Found, Unreadable
from app.model.alarm_parameters import Kind, kind_of, parameters

__all__ = [
    "FORMS",
    "Found",
    "Kind",
    "Unreadable",
    "kind_of",
    "parameters",
    "read_text",
    "write_text",
]
