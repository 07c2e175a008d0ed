"""Tests of alarm rules, written as a series of points and the states that they lead to.

A file holds alarms, or names them, and test cases; nothing is asked and nothing is stored.
"""

from __future__ import annotations

from alerts.ruletest.notation import points, words
from alerts.ruletest.run import Failure, Outcome, run
from alerts.ruletest.suite import Case, Suite, load_suite

__all__ = ["Case", "Failure", "Outcome", "Suite", "load_suite", "points", "run", "words"]
