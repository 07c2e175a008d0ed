"""What a SOURCE says: which log groups, from when to when."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.query.lang import Span

NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Anything with a place in the text."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)


Json = str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Selector(Placed):
    """``logGroups(namePrefix: [...])``; unnamed arguments have an empty name."""

    kind: str
    arguments: tuple[tuple[str, Json], ...]


@dataclass(frozen=True, slots=True)
class Source(Placed):
    """Which log groups: one name, or selectors. ``window`` holds start and end as written."""

    name: str | None = None
    selectors: tuple[Selector, ...] = ()
    window: tuple[tuple[str, str], ...] = ()
