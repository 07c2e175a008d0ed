"""Whether the order of events matters to a query, and whether the newest ones are enough."""

from __future__ import annotations

from app.query.insights import tree
from app.query.insights.aggregates import aggregates
from app.query.insights.walk import nodes

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


def newest_first(query: tree.Query) -> bool:
    """Whether the answer is the newest events that pass, each looked at by itself.

    Then reading may stop as soon as there are enough.
    """
    for position, command in enumerate(query.commands):
        if isinstance(command, tree.Sort):
            last = all(isinstance(c, tree.Limit) for c in query.commands[position + 1 :])
            keys = [(key.name.text, key.descending) for key in command.keys]
            if not last or keys != [("@timestamp", True)]:
                return False
        elif isinstance(command, tree.Limit):
            continue
        elif not is_by_itself(command):
            return False
    return not _hides_the_time(query)


def needs_order(query: tree.Query) -> bool:
    """Whether the rows must come newest first for the answer to be right."""
    for command in query.commands:
        if isinstance(command, tree.Stats):
            return not _counts_only(command)
        if not is_by_itself(command):
            return True
    return True


def is_by_itself(command: tree.Command) -> bool:
    """Whether a command looks at each event by itself and gives at most one for it."""
    if isinstance(command, tree.ParseRegex):
        return not command.multi
    return isinstance(command, _EACH_BY_ITSELF)


def _counts_only(stats: tree.Stats) -> bool:
    called = {
        node.function.lower()
        for node in nodes(stats.items)
        if isinstance(node, tree.Call) and node.function.lower() in aggregates()
    }
    return called <= _UNORDERED


def _hides_the_time(query: tree.Query) -> bool:
    """Whether some alias or parsed field is called @timestamp."""
    named = (node.alias if isinstance(node, tree.Item) else None for node in nodes(query.commands))
    return "@timestamp" in set(named)
