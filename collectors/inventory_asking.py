"""Making the calls that a service file declares, for one round of one service in one place.

A list that cannot be asked raises. A describe that an item is gone from drops
the item; one that is refused leaves it out with a note. An optional describe
that is refused leaves a mark on the item as well, so that nobody takes missing
tags for none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.aws import Aws
from app.catalogue.paths import search
from app.catalogue.schema import Call, Describe
from app.model.errors import AwsError
from app.model.ids import Place
from collectors.asking import is_gone, is_refused

COLLECTOR = "inventory"
MISSING = "_missing"

Item = dict[str, Any]


class Asking:
    """Answers of one round; equal lists are asked once."""

    def __init__(self, aws: Aws, place: Place) -> None:
        self._aws, self._place = aws, place
        self._here = {"region": place.region, "account": place.account}
        self._listed: dict[str, list[Item]] = {}
        self._refused: dict[tuple[str, str], AwsError] = {}
        self.notes: dict[str, None] = {}
        self.cut = False

    def listed(self, call: Call, parent: Item | None = None) -> list[Item]:
        """The items of a list call; none where the parent is gone by now."""
        params = filled(call.params, {"place": self._here, **(parent or {})})
        key = repr((call.api, call.operation, call.items, params))
        if key not in self._listed:
            try:
                self._listed[key] = self._items(call, params)
            except AwsError as error:
                if parent is None or not is_gone(error):
                    raise
                self._listed[key] = []
        return [dict(item) for item in self._listed[key]]

    def described(self, describe: Describe, items: Sequence[Item]) -> list[Item]:
        """The items that are still there, with what the call tells of them."""
        if describe.batch:
            starts = range(0, len(items), describe.batch)
            batches = (items[start : start + describe.batch] for start in starts)
            return [item for batch in batches for item in self._batch(describe, batch)]
        kept: list[Item] = []
        refused: AwsError | None = None
        for item in items:
            try:
                kept += [item] if self._one(describe, item) else []
            except AwsError as error:
                if not is_refused(error):
                    raise
                refused = refused or error
        if refused is not None:
            self._leave_out(refused, kept)
        return kept

    def _leave_out(self, refused: AwsError, kept: Sequence[Item]) -> None:
        """Some may not be described, as by a policy of their own: they are unknown, not gone."""
        if not kept:
            raise refused
        self.cut = True
        self.notes[refused.message] = None

    def _items(self, call: Call, params: Mapping[str, Any]) -> list[Item]:
        items: list[Item] = []
        for answer in self._pages(call, params):
            found = search(call.items, answer) if call.items else answer
            items += [one if isinstance(one, dict) else {"value": one} for one in found or ()]
        return items

    def _pages(self, call: Call, params: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        pages = self._aws.pages(self._place, call.api, call.operation, params, collector=COLLECTOR)
        yield from pages
        if pages.cut:
            self.cut = True
            self.notes[pages.cut] = None

    def _one(self, describe: Describe, item: Item) -> bool:
        """Complete one item; False when it is gone."""
        if self._is_refused(describe):
            _mark(describe, [item])
            return True
        try:
            answer = self._aws.call(
                self._place,
                describe.api,
                describe.operation,
                filled(describe.params, item),
                collector=COLLECTOR,
            )
        except AwsError as error:
            if is_gone(error):
                # What is optional can be missing by itself, as a setting that nobody made.
                return describe.optional
            self._do_without(describe, error, [item])
            return True
        _take(describe, item, search(describe.pick, answer))
        return True

    def _batch(self, describe: Describe, items: Sequence[Item]) -> list[Item]:
        if self._is_refused(describe):
            _mark(describe, items)
            return list(items)
        params = filled(describe.params, items[0], items)
        try:
            found = [
                one
                for answer in self._pages(describe, params)
                for one in search(describe.pick, answer) or ()
            ]
        except AwsError as error:
            self._do_without(describe, error, items)
            return list(items)
        by_key = {str(search(describe.match, one)): one for one in found}
        kept = []
        for item in items:
            answer = by_key.get(str(search(describe.match_item, item)))
            if answer is not None:
                _take(describe, item, answer)
            if answer is not None or describe.optional:
                kept.append(item)
        return kept

    def _is_refused(self, describe: Describe) -> bool:
        return (describe.api, describe.operation) in self._refused

    def _do_without(self, describe: Describe, error: AwsError, items: Sequence[Item]) -> None:
        """Go on without an optional call that is not allowed; anything else is a failure."""
        if not (describe.optional and is_refused(error)):
            raise error
        self._refused[describe.api, describe.operation] = error
        self.notes[error.message] = None
        _mark(describe, items)


def filled(params: Any, item: Item, items: Sequence[Item] = ()) -> Any:
    """Request members with ``$.path`` and ``$[].path`` replaced by what they name."""
    if isinstance(params, Mapping):
        return {name: filled(value, item, items) for name, value in params.items()}
    if isinstance(params, (list, tuple)):
        return [filled(value, item, items) for value in params]
    if isinstance(params, str) and params.startswith("$."):
        return search(params[2:], item)
    if isinstance(params, str) and params.startswith("$["):
        return search(params[1:], list(items))
    return params


def _take(describe: Describe, item: Item, answer: Any) -> None:
    if describe.into:
        item[describe.into] = answer
    elif isinstance(answer, dict):
        item.update(answer)


def _mark(describe: Describe, items: Sequence[Item]) -> None:
    for item in items:
        item.setdefault(MISSING, []).append(describe.iam_action)
