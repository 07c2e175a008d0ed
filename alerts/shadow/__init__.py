"""Shadow: the accounts' own alarms judged here, and held against what AWS says of them."""

from __future__ import annotations

from alerts.shadow.compare import Agreement, Cause, Compared, Differing, compared
from alerts.shadow.history import Lone, lone_changes
from alerts.shadow.reader import Report, report

__all__ = [
    "Agreement",
    "Cause",
    "Compared",
    "Differing",
    "Lone",
    "Report",
    "compared",
    "lone_changes",
    "report",
]
