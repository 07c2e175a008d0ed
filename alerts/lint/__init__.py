"""Known traps of alarms, each with its fix. Says what may go wrong, never what AWS refuses.

A trap is a function in one of the lists; it is given a case and tells findings.
"""

from __future__ import annotations

from alerts.lint.case import Case, Facts, Finding, Weight
from alerts.lint.reader import Linter, rate_of
from alerts.lint.traps import findings

__all__ = ["Case", "Facts", "Finding", "Linter", "Weight", "findings", "rate_of"]
