"""Keys of the token filter: what a text holds that looks like an id.

A segment keeps a small filter of the keys of all its messages. A search for
one request id asks each filter for the keys that any message with that id must
have, and opens only the segments that answer yes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]


def keys_of_equal(text: str) -> Keys:
    """Keys that every event has in which some field equals ``text``; none: cannot tell."""
    raise NotImplementedError


def keys_inside(literal: str) -> Keys:
    """Keys that every event has in which a field or message holds ``literal``."""
    raise NotImplementedError
