"""What is wrong in a file, where, and what to do; one line each, as compilers write it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.model.errors import ConfigError

Location = tuple[str | int, ...]
"""The way from the top of the file to a value: keys and positions in lists."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: ``field`` is the way to it, ``message`` says what is wrong and the remedy."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (where, self.field, self.message) if part)


class ConfigMistakes(ConfigError):
    """All mistakes of one file at once, in the order of its lines."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes, key=lambda m: (m.file, m.line, m.field)))
        super().__init__("\n".join(str(m) for m in self.mistakes))


def field_path(location: Location) -> str:
    """``("accounts", 0, "id")`` as ``accounts[0].id``."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".")


def suggestion(word: str, known: Sequence[str]) -> str:
    """The known word that was probably meant, or all of them, as the end of a message."""
    near = difflib.get_close_matches(word.lower(), [k.lower() for k in known], n=1, cutoff=0.6)
    if near:
        return f"did you mean `{next(k for k in known if k.lower() == near[0])}`?"
    return f"known are {', '.join(known)}" if known else "none are defined"
