"""What is configured for one place, by name, and looked at again once it was not for a while.

When something was looked at last is what its coverage ends with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from app.model.ids import Place
from app.model.time import Window
from app.store import Store
from collectors.base import Task


class Placed(Protocol):
    """Settings of a folder or bucket that belongs to an account."""

    @property
    def name(self) -> str: ...

    @property
    def account(self) -> str: ...

    @property
    def region(self) -> str: ...

    @property
    def every(self) -> timedelta: ...


P = TypeVar("P", bound=Placed)


def by_place(given: Iterable[P], names: Mapping[str, str]) -> list[tuple[Place, P]]:
    """Settings with their places; ``names`` tells what each account is called, by id."""
    ids = {name: id_ for id_, name in names.items()}
    return [(Place(ids.get(each.account, each.account), each.region), each) for each in given]


def due(
    placed: Iterable[tuple[Place, Placed]],
    group_of: Callable[[str], str],
    store: Store,
    place: Place,
    now: datetime,
) -> list[Task]:
    """A task for each in ``place`` that was not looked at for a while."""
    tasks = []
    for where, given in placed:
        if where == place:
            group = group_of(given.name)
            read = store.coverage(place, group).answered
            last = read.windows[-1].end if read else now - given.every
            if now - last >= given.every:
                tasks.append(Task(place, group, Window(last, now)))
    return tasks
