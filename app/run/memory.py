"""Memory that a process gives back: allocators told to keep little for later.

By default glibc keeps an arena for each thread and polars' jemalloc keeps freed
pages for ten seconds; a server with sixteen threads that mostly waits would
hold three times what it uses. :func:`spare` must be called before polars is imported.
"""

from __future__ import annotations

import ctypes
import gc
import os
import sys

JEMALLOC = "_RJEM_MALLOC_CONF"
"""The variable that polars' allocator reads when it is loaded."""

_M_ARENA_MAX = -8  # from malloc.h
_M_TRIM_THRESHOLD = -1


def spare(arenas: int = 1, decay_ms: int = 200) -> None:
    """Hold little memory in reserve, from now on and in this process only."""
    settings = f"dirty_decay_ms:{decay_ms},muzzy_decay_ms:{decay_ms},narenas:{arenas}"
    os.environ.setdefault(JEMALLOC, settings)
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_M_ARENA_MAX, arenas)
        libc.mallopt(_M_TRIM_THRESHOLD, 1024 * 1024)


def settle() -> None:
    """Keep all that was made until now out of garbage collection: it stays anyway.

    Else Python goes through all of it again and again, while a page waits.
    """
    gc.collect()
    gc.freeze()
