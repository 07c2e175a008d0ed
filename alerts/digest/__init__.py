"""Summaries of spend: what was charged, what moved, how budgets stand, what could be saved.

A digest is put on record like a change of an alarm, once for each day or week, and goes the
same way to people: silences, retries and channels are those of alarms.
"""

from __future__ import annotations

from alerts.digest.compose import Digest, Sources, compose
from alerts.digest.due import Due, due, put_on_record

__all__ = ["Digest", "Due", "Sources", "compose", "due", "put_on_record"]
