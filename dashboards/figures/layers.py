"""Where the nodes of a graph stand: callers at left, what they call at right, few crossings.

Layers by the longest way from an entry; links that would run backwards in a
loop are left out of that. Within a layer, nodes stand near those they are
linked with. The same graph always looks the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

SWEEPS = 6

Links = Sequence[tuple[str, str]]


def places(
    nodes: Sequence[str], links: Links, shape: float = 3.0
) -> dict[str, tuple[float, float]]:
    """For each node its column, and its row around 0.

    A long layer stands in several columns, so that the whole is about ``shape`` times as
    many rows high as it is columns wide, and can be read.
    """
    forward = _without_loops(nodes, links)
    layers = _ordered(_columns(nodes, forward), forward)
    most = max((len(layer) for layer in layers), default=1)
    sizes = [len(layer) for layer in layers]
    rows = min(range(1, most + 1), key=lambda n: max(shape * _width(sizes, n), n))
    found: dict[str, tuple[float, float]] = {}
    column = 0
    for layer in layers:
        beside = -(-len(layer) // rows)
        for n, node in enumerate(layer):
            found[node] = (float(column + n % beside), (n - (len(layer) - 1) / 2) / beside)
        column += beside
    return found


def _width(sizes: Sequence[int], rows: int) -> int:
    """How many columns layers of these sizes take when each holds so many rows."""
    return sum(-(-size // rows) for size in sizes)


def _without_loops(nodes: Sequence[str], links: Links) -> list[tuple[str, str]]:
    """The links that lead away from the entries, each pair once."""
    after = _after(nodes, (pair for pair in links if pair[0] != pair[1]))
    known = dict.fromkeys(nodes, 0)  # 0 not yet, 1 on this way, 2 done
    called = {target for source, target in links if source != target}
    back: set[tuple[str, str]] = set()
    for first in sorted(nodes, key=lambda node: node in called):
        waiting = [(first, iter(after[first]))] if not known[first] else []
        known[first] = known[first] or 1
        while waiting:
            node, rest = waiting[-1]
            target = next(rest, None)
            if target is None:
                known[node] = 2
                waiting.pop()
            elif known[target] == 1:
                back.add((node, target))
            elif known[target] == 0:
                known[target] = 1
                waiting.append((target, iter(after[target])))
    pairs = dict.fromkeys((a, b) for a, b in links if a != b and a in after and b in after)
    return [pair for pair in pairs if pair not in back]


def _after(nodes: Sequence[str], links: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in links:
        if source in after and target in after:
            after[source].append(target)
    return after


def _columns(nodes: Sequence[str], links: Links) -> dict[str, int]:
    """The length of the longest way to each node."""
    after = _after(nodes, links)
    missing = dict.fromkeys(nodes, 0)
    for _, target in links:
        missing[target] += 1
    columns = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if not missing[node]]
    for node in ready:
        for target in after[node]:
            columns[target] = max(columns[target], columns[node] + 1)
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    return columns


def _ordered(columns: Mapping[str, int], links: Links) -> list[list[str]]:
    layers: list[list[str]] = [[] for _ in range(max(columns.values(), default=-1) + 1)]
    for node, column in columns.items():
        layers[column].append(node)
    near: dict[str, list[str]] = {node: [] for node in columns}
    for source, target in links:
        near[source].append(target)
        near[target].append(source)
    for sweep in range(SWEEPS):
        order = layers if sweep % 2 == 0 else layers[::-1]
        row = {node: n - len(layer) / 2 for layer in layers for n, node in enumerate(layer)}
        for layer in order:
            layer.sort(key=lambda node: _middle(node, near, row))
            row.update({node: n - len(layer) / 2 for n, node in enumerate(layer)})
    return layers


def _middle(
    node: str, near: Mapping[str, Sequence[str]], row: Mapping[str, float]
) -> tuple[float, float]:
    """The mean row of its neighbours, else where it is."""
    rows = [row[other] for other in near[node]]
    return (sum(rows) / len(rows) if rows else row[node]), row[node]
