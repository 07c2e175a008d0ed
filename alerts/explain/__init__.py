"""Why an alarm decided as it did: the slots, the points in them, the step that decided."""

from __future__ import annotations

from alerts.explain.replay import Replay, Replayer
from alerts.explain.told import Explanation, Looked, explained, marks_line

__all__ = ["Explanation", "Looked", "Replay", "Replayer", "explained", "marks_line"]
