"""What a filter pattern says, as values. Nothing here looks at a message."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal


class Mark(StrEnum):
    """What stands before a term."""

    PLAIN = ""
    OPTIONAL = "?"
    EXCLUDED = "-"


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression: as written, and in the dialect of the engine."""

    written: str
    compiled: str


@dataclass(frozen=True, slots=True)
class Number:
    """An unquoted number; ``written`` is its spelling, which is what text is compared with."""

    written: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted or bare text. ``parts`` are its pieces between ``*``; one piece has no wildcard."""

    parts: tuple[str, ...]


Value = Regex | Number | Text
Comparison = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Term:
    """A text or regular expression that must, may or must not occur."""

    mark: Mark
    what: str | Regex


class Wildcard(StrEnum):
    """The wildcard step of a selector: every element of one array or object."""

    ANY = "*"


Step = str | int | Wildcard


@dataclass(frozen=True, slots=True)
class Selector:
    """A path into a JSON object: names, positions, or the wildcard."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """``subject`` is a selector (JSON) or a field's position among the entries (space)."""

    subject: Selector | int
    comparison: Comparison
    value: Value


@dataclass(frozen=True, slots=True)
class Is:
    """The value is exactly null, true or false."""

    subject: Selector
    value: bool | None


@dataclass(frozen=True, slots=True)
class NotExists:
    """The path is absent."""

    subject: Selector


@dataclass(frozen=True, slots=True)
class AllOf:
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    conditions: tuple[Condition, ...]


Condition = Compare | Is | NotExists | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Terms:
    """Unstructured: no terms match every message."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class JsonPattern:
    condition: Condition


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a space-delimited pattern; ``name`` is empty for an unnamed one."""

    name: str
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class SpacePattern:
    """``ellipsis`` is the position of ``...`` among the entries, None where there is none.

    ``entries`` do not hold the ellipsis itself. No entries: any message with a field.
    """

    entries: tuple[Entry, ...]
    ellipsis: int | None


Pattern = Terms | JsonPattern | SpacePattern
