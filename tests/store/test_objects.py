"""Files that were taken are remembered, in the commit that holds what was in them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.model.rounds import Batch, TakenObject
from tests.store.conftest import Opener
from tests.store.samples import HOUR, NOW, Writing, hold, points


def take(writing: Writing, *names: str, mark: str = "m", after: timedelta = HOUR * 0) -> None:
    objects = [TakenObject("logs", name, mark) for name in names]
    writing.commit(Batch(objects=objects), now=NOW + after)


def test_what_was_taken_is_known_by_source_with_its_mark(writing: Writing) -> None:
    take(writing, "a", "b")
    take(writing, "b", mark="another")
    assert writing.store.objects.taken("logs") == {"a": "m", "b": "another"}
    assert writing.store.objects.taken("else") == {}


def test_another_process_knows_it_too(opener: Opener) -> None:
    first = opener()
    writing = hold(first)
    take(writing, "a")
    first.release(writing.lease)
    assert opener().objects.taken("logs") == {"a": "m"}


def test_what_is_gone_is_forgotten(writing: Writing) -> None:
    take(writing, "a", "b")
    take(writing, "a", mark="")
    assert writing.store.objects.taken("logs") == {"b": "m"}


def test_names_are_in_the_order_of_bytes_as_buckets_list_them(writing: Writing) -> None:
    take(writing, "2026/11/24-b", "2026/11/24/a", "2026/11/24/B", "2026/11/24/b", "é")
    assert set(writing.store.objects.taken("logs", "2026/11/24/a")) == {"2026/11/24/b", "é"}
    take(writing, "z", after=2 * HOUR)
    assert writing.store.objects.newest("logs", NOW + HOUR) == "é"


def test_a_commit_that_fails_remembers_nothing(writing: Writing) -> None:
    bad = Batch(objects=[TakenObject("logs", "a", "m")], frames={"none": points([(0, NOW, 1.0)])})
    with pytest.raises(ValueError, match="no table of the store"):
        writing.commit(bad)
    assert writing.store.objects.taken("logs") == {}
