"""Errors in a query text that know their place and draw it."""

from __future__ import annotations

from collections.abc import Sequence

from app.model.errors import OpsError
from app.query.lang.span import Span, line_and_column


class QueryError(OpsError):
    """One mistake in a query: what is wrong, where, and what was probably meant."""

    def __init__(self, message: str, query: str, span: Span) -> None:
        super().__init__(message)
        self.message, self.query, self.span = message, query, span

    @property
    def line(self) -> int:
        return line_and_column(self.query, self.span.start)[0]

    @property
    def column(self) -> int:
        return line_and_column(self.query, self.span.start)[1]

    def drawn(self) -> str:
        """The message, the line of the mistake, and marks under it."""
        line, column = line_and_column(self.query, self.span.start)
        rows = self.query.split("\n")
        text = rows[line - 1].rstrip("\r")
        width = min(self.span.end - self.span.start, max(1, len(text) - column + 1))
        pad = "".join("\t" if c == "\t" else " " for c in text[: column - 1])
        where = f"line {line}: " if len(rows) > 1 else ""
        return f"{where}{self.message}\n  {text}\n  {pad}{'^' * max(1, width)}"

    def __str__(self) -> str:
        return self.message


class QueryErrors(QueryError):
    """Several mistakes found at once; it stands for the first, ``errors`` holds them all."""

    def __init__(self, errors: Sequence[QueryError]) -> None:
        if not errors:
            raise ValueError("QueryErrors needs at least one error")
        first = errors[0]
        super().__init__(first.message, first.query, first.span)
        self.errors = tuple(errors)

    def drawn(self) -> str:
        return "\n".join(error.drawn() for error in self.errors)
