"""What a query needs of its events: in which order, how many, and which of them at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import takewhile

from app.query.insights import periods, tree
from app.query.insights.aggregates import aggregates
from app.query.insights.regex import texts_of
from app.query.insights.walk import made_names, nodes

_EACH_BY_ITSELF = (
    tree.Fields,
    tree.Display,
    tree.Filter,
    tree.Unmask,
    tree.ParseGlob,
    tree.ParseLogfmt,
    tree.ParseCsv,
    tree.ParseJson,
    tree.Lookup,
)
_UNORDERED = frozenset(
    (
        *("count", "count_distinct", "countdistinct", "sum", "avg", "min", "max", "pct"),
        *("stddev", "variance", "earliest", "latest", "sortsfirst", "sortslast"),
        *("countovertime", "sumovertime", "rate"),
    )
)
_PARSES = (tree.ParseGlob, tree.ParseRegex, tree.ParseLogfmt, tree.ParseCsv)
_BINS = ("bin", "datefloor")
_MINUTE_MS = 60_000
MOST = 2**31
"""More rows than a query can have."""

_BY_TIME = tree.SortKey(tree.Name(("@timestamp",)), descending=True)


@dataclass(frozen=True, slots=True)
class Outline:
    """A query by what its commands need of the events.

    ``head`` looks at each event by itself. ``reduce`` may be applied to some of the
    events before ``tail`` is applied to all: it leaves out what cannot be in the
    answer, of which there are ``most`` rows. ``ordered`` says that the events must
    come newest first, ``newest`` that the newest rows are the answer, or with
    ``any_rows`` others as well.
    """

    head: tuple[tree.Command, ...]
    tail: tuple[tree.Command, ...]
    most: int
    reduce: tuple[tree.Command, ...] = ()
    ordered: bool = False
    newest: bool = False
    any_rows: bool = False

    @property
    def selective(self) -> bool:
        """Whether much fewer rows than events may be left of a part."""
        return bool(self.reduce) or any(isinstance(c, tree.Filter) for c in self.head)


def outline(query: tree.Query, most: int | None) -> Outline:
    """How to answer a query with ``most`` rows (None: all), or fewer if it says so itself."""
    limits = [command for command in query.commands if isinstance(command, tree.Limit)]
    every = most is None and not limits
    most = min((most or MOST, *(limit.count for limit in limits)))
    if _wants_the_newest(query) and not every:
        beside = (tree.Limit, tree.Sort)
        rowwise = tuple(c for c in query.commands if not isinstance(c, beside))
        any_rows = any(limit.any for limit in limits)
        by_time = (tree.Sort((_BY_TIME,)),)
        return Outline(rowwise, tuple(limits), most, by_time, newest=True, any_rows=any_rows)
    head: tuple[tree.Command, ...] = tuple(takewhile(is_by_itself, query.commands))
    tail = _limits_last(query.commands[len(head) :])
    if not tail:
        return Outline(head, tail, most, ordered=True)
    if isinstance(tail[0], tree.CountFrequent | tree.Estimate):
        return Outline(head, tail, most)
    if isinstance(tail[0], tree.Stats) and _counts_only(tail[0]):
        return Outline(head, tail, most)
    if isinstance(tail[0], tree.Sort) and not _hides_the_time(query):
        # of equal rows the newest comes first, in whatever order they are read
        tail = (replace(tail[0], keys=(*tail[0].keys, _BY_TIME)), *tail[1:])
        return Outline(head, tail, most, _first_rows(tail))
    return Outline(head, tail, most, _first_rows(tail), ordered=True)


def is_by_itself(command: tree.Command) -> bool:
    """Whether a command looks at each event by itself and gives at most one for it."""
    if isinstance(command, tree.ParseRegex):
        return not command.multi
    return isinstance(command, _EACH_BY_ITSELF)


def counted_by(query: tree.Query) -> frozenset[str] | None:
    """By what a query counts events, if that is all that it does with them.

    ``@timestamp`` stands for whole minutes. A filter behind the stats may ask for
    fields from before it, so there is none.
    """
    stats = query.commands[0] if query.commands else None
    if not isinstance(stats, tree.Stats):
        return None
    if any(isinstance(command, tree.Filter) for command in query.commands):
        return None
    found = {_counts_by(item.expr) for item in stats.by}
    inside = [node for item in stats.items for node in nodes(item.expr)]
    only = all(isinstance(node, tree.Call | tree.Binary | tree.Number) for node in inside)
    calls = [node for node in inside if isinstance(node, tree.Call)]
    if "" in found or not only or not all(c.function.lower() == "count" for c in calls):
        return None
    return frozenset(found) if all(not call.arguments for call in calls) else None


def _counts_by(key: tree.Expr) -> str:
    match key:
        case tree.Name(segments=("@log",)):
            return "@log"
        case tree.Call(function=function, arguments=(*of, tree.Period() as period)):
            is_time = not of or of == [tree.Name(("@timestamp",))]
            whole = not periods.length_ms(period.count, period.unit) % _MINUTE_MS
            return "@timestamp" if function.lower() in _BINS and is_time and whole else ""
        case _:
            return ""


def reads_messages(query: tree.Query, words: Collection[str] = ()) -> bool:
    """Whether a query looks into messages, and not only at fields that have columns.

    Of ``words`` it is known without a look which messages hold them.
    """
    for command in query.commands:
        found = list(nodes(command))
        known = sum(_finds_only(node, words) for node in found)
        if sum(_is_message(node) for node in found) > known:
            return True
        if any(isinstance(node, _PARSES) and node.source is None for node in found):
            return True
        if isinstance(command, tree.Stats | tree.CountFrequent):
            return False
        if not is_by_itself(command):
            return True
    return not any(isinstance(command, tree.Fields | tree.Display) for command in query.commands)


def _is_message(node: object) -> bool:
    return isinstance(node, tree.Name) and node.segments == ("@message",)


def _finds_only(node: object, words: Collection[str]) -> bool:
    """Whether a node is a search of messages for some of ``words``."""
    if not isinstance(node, tree.Like) or not _is_message(node.left):
        return False
    texts = texts_of(node.pattern) if node.regex else (node.pattern,)
    return bool(texts) and all(text in words for text in texts)


def _wants_the_newest(query: tree.Query) -> bool:
    """Whether the answer is the newest events that pass, each looked at by itself."""
    for position, command in enumerate(query.commands):
        if isinstance(command, tree.Sort):
            last = all(isinstance(c, tree.Limit) for c in query.commands[position + 1 :])
            keys = [(key.name.text, key.descending) for key in command.keys]
            if not last or keys != [("@timestamp", True)]:
                return False
        elif not isinstance(command, tree.Limit) and not is_by_itself(command):
            return False
    return not _hides_the_time(query)


def _limits_last(tail: tuple[tree.Command, ...]) -> tuple[tree.Command, ...]:
    """A limit before a sort counts behind it."""
    first = next((n for n, c in enumerate(tail) if not isinstance(c, tree.Limit)), 0)
    if not first or not isinstance(tail[first], tree.Sort):
        return tail
    return (tail[first], *tail[:first], *tail[first + 1 :])


def _first_rows(tail: tuple[tree.Command, ...]) -> tuple[tree.Command, ...]:
    """The sort or dedup at the start of a tail, if nothing behind it asks for more rows."""
    behind = (tree.Limit, tree.Fields, tree.Display)
    if isinstance(tail[0], tree.Sort | tree.Dedup):
        return tail[:1] if all(isinstance(c, behind) for c in tail[1:]) else ()
    return ()


def _counts_only(stats: tree.Stats) -> bool:
    called = {
        node.function.lower()
        for node in nodes(stats.items)
        if isinstance(node, tree.Call) and node.function.lower() in aggregates()
    }
    return called <= _UNORDERED


def _hides_the_time(query: tree.Query) -> bool:
    """Whether something that a command makes is called @timestamp."""
    return any("@timestamp" in made_names(command) for command in query.commands)
