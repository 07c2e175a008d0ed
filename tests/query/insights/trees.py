"""Trees of every kind of node, as hypothesis strategies."""

from __future__ import annotations

from hypothesis import strategies as st

from app.query.insights import tree

WORDS = (
    *("a", "status", "http", "by", "as", "and", "like", "in", "limit", "fields", "p"),
    *("with", "for", "where", "field", "output", "source", "offset", "desc", "any"),
    *("multi", "csv", "into", "true"),
)
SIGNS = ("+", "-", "*", "/", "%", "^", "=", "!=", "<", "<=", ">", ">=", "and", "or")
REGEXES = ("ERROR", "a.b+", r"\d{2}", "[/|]", "(?i)x", r"(?<n>\w+)", "a/b", r"\[x\]", "^$", "é")
idents = st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_]{0,5}\Z") | st.sampled_from(WORDS)
odd = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="`@"), min_size=1, max_size=6
)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
firsts = st.builds(lambda marks, word: marks + word, st.sampled_from(["", "@", "@@"]), idents | odd)
names = st.builds(
    lambda first, rest: tree.Name((first, *rest)),
    firsts,
    st.lists(idents | odd | st.from_regex(r"\A[0-9]{1,3}\Z"), max_size=2),
)
some_names = st.lists(names, min_size=1, max_size=3).map(tuple)
maybe_names = st.lists(names, max_size=2).map(tuple)
counts = st.integers(0, 10**6)
periods = st.builds(
    tree.Period,
    st.integers(1, 10**4),
    st.sampled_from(["ms", "s", "m", "h", "d", "w", "mo", "q", "y"]),
)
numbers = st.floats(0, 1e300, allow_nan=False) | counts.map(float)
functions = st.sampled_from(["count", "abs", "f", "jsonParse"])


def _over(inner: st.SearchStrategy[tree.Expr]) -> st.SearchStrategy[tree.Expr]:
    calls = st.builds(tree.Call, functions, st.lists(inner, max_size=3).map(tuple))
    indexed = st.builds(tree.Index, inner, st.integers(0, 99))
    return st.one_of(
        calls,
        indexed,
        st.builds(tree.Member, calls | indexed, idents | odd),
        st.builds(tree.Unary, st.sampled_from(["-", "not"]), inner),
        st.builds(tree.Binary, st.sampled_from(SIGNS), inner, inner),
        st.builds(tree.Like, inner, texts, st.just(value=False), st.booleans()),
        st.builds(tree.Like, inner, st.sampled_from(REGEXES), st.just(value=True), st.booleans()),
        st.builds(tree.In, inner, st.lists(inner, max_size=3).map(tuple), st.booleans()),
        st.builds(tree.InQuery, inner, st.deferred(lambda: queries), st.booleans()),
    )


expressions = st.recursive(
    st.one_of(
        names,
        numbers.map(tree.Number),
        texts.map(tree.Text),
        periods,
        st.builds(tree.Call, functions, st.just(()), st.just(value=True)),
    ),
    _over,
    max_leaves=5,
)
items = st.lists(st.builds(tree.Item, expressions, st.none() | firsts), min_size=1, max_size=2).map(
    tuple
)
pairs = st.lists(st.builds(tree.Pair, names, st.none() | names), min_size=1, max_size=2).map(tuple)
options = st.lists(
    st.builds(tree.Option, idents.map(str.lower), texts), min_size=1, max_size=2
).map(tuple)
maybe_options = st.just(()) | options
wild = st.sampled_from(["cpu*", "*", "a.b*", "@m*x"])
filled = st.none() | st.floats(-1e6, 1e6, allow_nan=False) | texts
maybe_name = st.none() | names
undotted = names.filter(lambda name: not any("." in segment for segment in name.segments))
"""A pattern of names is one text, in which each dot parts segments."""

COMMANDS: dict[type, st.SearchStrategy[tree.Command]] = {
    tree.Fields: st.builds(tree.Fields, items),
    tree.Display: st.builds(tree.Display, items),
    tree.Filter: st.builds(tree.Filter, expressions, st.booleans()),
    tree.Stats: st.builds(tree.Stats, items, st.just(()) | items, st.none() | periods),
    tree.Sort: st.builds(
        tree.Sort,
        st.lists(st.builds(tree.SortKey, names, st.booleans()), min_size=1, max_size=2).map(tuple),
    ),
    tree.Limit: st.builds(tree.Limit, counts, st.booleans()),
    tree.ParseGlob: st.builds(tree.ParseGlob, maybe_name, texts, some_names),
    tree.ParseRegex: st.builds(
        tree.ParseRegex, maybe_name, st.sampled_from(REGEXES), maybe_names, st.booleans()
    ),
    tree.ParseLogfmt: st.builds(tree.ParseLogfmt, maybe_name, names),
    tree.ParseCsv: st.builds(tree.ParseCsv, maybe_name, some_names),
    tree.ParseJson: st.builds(tree.ParseJson, names, texts, names),
    tree.Dedup: st.builds(tree.Dedup, some_names),
    tree.Unnest: st.builds(tree.Unnest, expressions, names)
    | names.map(lambda name: tree.Unnest(name, name, expand=True)),
    tree.Lookup: st.builds(tree.Lookup, names, pairs, pairs, st.booleans())
    | st.builds(
        tree.Lookup, names, pairs.map(lambda some: some[:1]), pairs, st.booleans(), st.just(True)
    ),
    tree.Accum: st.builds(tree.Accum, names, maybe_name),
    tree.Autoregress: st.builds(tree.Autoregress, names, maybe_name, counts, counts),
    tree.Filldown: st.builds(
        tree.Filldown, st.lists(wild | undotted.map(lambda n: n.text), max_size=2).map(tuple)
    ),
    tree.Fillmissing: st.builds(
        tree.Fillmissing, st.lists(st.tuples(filled, names), max_size=2).map(tuple)
    ),
    tree.Outlier: st.builds(tree.Outlier, maybe_options, some_names),
    tree.Sessionize: st.builds(tree.Sessionize, some_names, st.none() | periods, maybe_name),
    tree.Addtotals: st.builds(tree.Addtotals, maybe_options, maybe_names),
    tree.Appendcols: st.builds(tree.Appendcols, maybe_options, st.deferred(lambda: queries)),
    tree.CountFrequent: st.builds(tree.CountFrequent, some_names),
    tree.Pattern: st.builds(tree.Pattern, names),
    tree.Diff: st.builds(tree.Diff, st.sampled_from(["", "previousDay", "previousWeek", "x"])),
    tree.Logcompare: st.builds(tree.Logcompare, periods),
    tree.Relevantfields: st.builds(tree.Relevantfields, maybe_names, expressions),
    tree.Anomaly: st.builds(tree.Anomaly),
    tree.Unmask: st.builds(tree.Unmask, items),
    tree.Estimate: st.builds(tree.Estimate),
    tree.Join: st.builds(tree.Join, options, names, names, st.deferred(lambda: queries)),
}
json = st.recursive(
    texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=3,
)
selectors = st.builds(
    tree.Selector,
    st.sampled_from(["logGroups", "dataSource", "logGroupTags"]),
    st.lists(st.tuples(st.sampled_from(["", "namePrefix", "class"]), json), max_size=2).map(tuple),
)
windows = st.sampled_from([(), (("start", "-1d"), ("end", "now")), (("end", "1700000000000"),)])
sources = st.builds(tree.Source, name=texts, window=windows) | st.builds(
    tree.Source, selectors=st.lists(selectors, min_size=1, max_size=2).map(tuple), window=windows
)
simple = st.sampled_from([tree.Fields, tree.Limit, tree.Sort, tree.Dedup, tree.Diff])
queries = st.builds(
    tree.Query,
    st.none() | sources,
    st.lists(simple.flatmap(COMMANDS.__getitem__), min_size=1, max_size=2).map(tuple),
)
