"""Rehearsal: what an alarm would have done over the stored history, before it is saved.

The past is judged by the same vectorised pass as the present (``alerts.grid``): the
moments of one alarm take the place of the many alarms of one moment.
"""

from __future__ import annotations

from alerts.rehearse.compare import Comparison, compare
from alerts.rehearse.outcome import Change, Episode, Rehearsal
from alerts.rehearse.reader import Rehearser

__all__ = ["Change", "Comparison", "Episode", "Rehearsal", "Rehearser", "compare"]
