"""Which tags and cost categories line items have: every key that questions can ask for."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from app.model.spend import DAY_S, LINE_ITEMS, Cut, is_keyed, keyed
from app.store import Piece, Statement, Store


class LineItemKeys:
    """Remembers the keys of statements it has looked into, for those never change."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[int, frozenset[str]] = {}

    def cuts(self, statements: Iterable[Statement]) -> set[Cut]:
        """Each key that some line item has as a cut of its own."""
        found = {key for one in statements if one.cut == LINE_ITEMS for key in self._of(one)}
        return {(key,) for key in found}

    def _of(self, statement: Statement) -> frozenset[str]:
        known = self._known.get(statement.id)
        if known is None:
            known = self._known[statement.id] = self._read(statement)
        return known

    def _read(self, statement: Statement) -> frozenset[str]:
        """The keys of its sums by tag, or of its lines where these are few."""
        own = [p for p in statement.parts if p.period <= DAY_S and p.cut != LINE_ITEMS]
        summed = frozenset(name for part in own for name in part.cut if is_keyed(name))
        if own:
            return summed
        lines = self._store.spend.rows([Piece(statement.parts[0].id, statement.window)])
        texts = lines.select("tags").unique().collect(engine="streaming")["tags"]
        return frozenset(
            keyed(entry).value for text in texts.to_list() for entry in orjson.loads(text or "{}")
        )
