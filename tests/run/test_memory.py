"""What stays for good is not gone through again and again."""

from __future__ import annotations

import gc

from app.run.memory import settle


def test_what_was_made_before_is_out_of_garbage_collection() -> None:
    try:
        settle()
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()
