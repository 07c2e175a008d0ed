"""When the actions of an alarm run: held back by a suppressor, or by mute windows.

Both are functions of what happened so far, so a timeline can be replayed and a process
can take over from another.
"""

from __future__ import annotations

from alerts.actions.mute import mute_timeline
from alerts.actions.suppressor import Suppression, suppressor_timeline

__all__ = ["Suppression", "mute_timeline", "suppressor_timeline"]
