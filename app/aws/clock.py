"""The three ways in which speaking to AWS depends on time, handed in from outside.

Tests drive all three; ``now`` is wall time in UTC, ``monotonic`` only measures.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is, how much has passed, and how to wait."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
