"""Text to tree: dispatch on the first character, then one small parser a form.

Source: Amazon CloudWatch Logs User Guide, "Filter pattern syntax for metric
filters, subscription filters, filter log events, and Live Tail".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from app.query.log_filter.scan import BLANKS, PatternError, Scanner
from app.query.log_filter.tree import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Entry,
    Is,
    JsonPattern,
    Mark,
    NotExists,
    Pattern,
    Regex,
    Selector,
    SpacePattern,
    Step,
    Term,
    Terms,
    Wildcard,
)

LONGEST = 1024
DEEPEST = 50
MOST_WILDCARDS = 3
_IS: dict[str, bool | None] = {"NULL": None, "TRUE": True, "FALSE": False}


@lru_cache(maxsize=512)
def compiled(pattern: str) -> Pattern:
    """The tree of a pattern, kept for the next call; raises PatternError."""
    return parse(pattern)


def parse(pattern: str) -> Pattern:
    """The tree of a pattern; raises PatternError where CloudWatch Logs would refuse it."""
    scanner = Scanner(pattern)
    if len(pattern) > LONGEST:
        raise scanner.error(
            f"a filter pattern has at most {LONGEST} characters, this one {len(pattern)}",
            LONGEST,
            len(pattern),
        )
    scanner.blanks()
    if scanner.peek() == "{":
        return _json(scanner)
    if scanner.peek() == "[":
        return _space(scanner)
    return _terms(scanner)


def end(scanner: Scanner) -> None:
    """Complain about anything that is left."""
    scanner.blanks()
    if scanner.rest:
        raise scanner.error("text behind the end of the pattern", scanner.at, len(scanner.text))


# -- terms -------------------------------------------------------------------


def _terms(scanner: Scanner) -> Terms:
    terms: list[Term] = []
    while scanner.rest:
        terms.append(_term(scanner))
        if scanner.rest and scanner.peek() not in BLANKS:
            raise _bad_character(scanner)
        scanner.blanks()
    return Terms(tuple(terms))


def _term(scanner: Scanner) -> Term:
    mark = Mark.PLAIN
    if scanner.peek() in ("?", "-"):
        mark = Mark(scanner.peek())
        scanner.at += 1
    if scanner.peek() == '"':
        return Term(mark, scanner.quoted('"'))
    if scanner.peek() == "%":
        return Term(mark, scanner.regex())
    word = scanner.run("_-")
    if not word:
        raise _bad_character(scanner)
    return Term(mark, word)


def _bad_character(scanner: Scanner) -> PatternError:
    start = scanner.at
    while start and scanner.text[start - 1] not in BLANKS:
        start -= 1
    term = (scanner.text[start:].split() or [""])[0]
    return scanner.error(
        f"Invalid character(s) in term '{term}'; put it in double quotes", scanner.at
    )


# -- conditions shared by JSON and space-delimited patterns --------------------

Atom = Callable[[Scanner], Condition]


def _either(scanner: Scanner, atom: Atom) -> Condition:
    conditions = [_both(scanner, atom)]
    while _took(scanner, "||"):
        conditions.append(_both(scanner, atom))
    return conditions[0] if len(conditions) == 1 else AnyOf(tuple(conditions))


def _both(scanner: Scanner, atom: Atom) -> Condition:
    conditions = [_single(scanner, atom)]
    while _took(scanner, "&&"):
        conditions.append(_single(scanner, atom))
    return conditions[0] if len(conditions) == 1 else AllOf(tuple(conditions))


def _single(scanner: Scanner, atom: Atom) -> Condition:
    if not _took(scanner, "("):
        return atom(scanner)
    scanner.depth += 1
    if scanner.depth > DEEPEST:
        raise scanner.error(f"at most {DEEPEST} parentheses within each other")
    condition = _either(scanner, atom)
    scanner.need(")", "to close the parenthesis")
    scanner.depth -= 1
    return condition


def _took(scanner: Scanner, token: str) -> bool:
    scanner.blanks()
    return scanner.took(token)


# -- JSON ----------------------------------------------------------------------


def _json(scanner: Scanner) -> JsonPattern:
    scanner.took("{")
    condition = _either(scanner, _json_atom)
    scanner.need("}", "to close the pattern")
    end(scanner)
    if _wildcards(condition) > MOST_WILDCARDS:
        raise scanner.error(f"at most {MOST_WILDCARDS} wildcard selectors in a pattern", 0)
    return JsonPattern(condition)


def _json_atom(scanner: Scanner) -> Condition:
    scanner.blanks()
    subject = selector(scanner)
    scanner.blanks()
    comparison = scanner.comparison()
    if comparison is not None:
        return Compare(subject, comparison, scanner.value(comparison, null=False))
    start = scanner.at
    word = scanner.run("")
    scanner.blanks()
    if word == "IS":
        what = scanner.run("")
        if what in _IS:
            return Is(subject, _IS[what])
        raise scanner.error("IS is followed by NULL, TRUE or FALSE", start)
    if word == "NOT" and scanner.run("") == "EXISTS":
        return NotExists(subject)
    raise scanner.error("expected a comparison, IS NULL|TRUE|FALSE or NOT EXISTS", start)


def selector(scanner: Scanner) -> Selector:
    """A path such as ``$.user.roles[0]`` or ``$.['odd.key']``, with one wildcard at most."""
    start = scanner.at
    if not scanner.took("$."):
        raise scanner.error("a property selector starts with `$.`")
    steps = [_step(scanner)]
    while scanner.peek() in (".", "["):
        scanner.took(".")
        steps.append(_step(scanner))
    if steps.count(Wildcard.ANY) > 1:
        raise scanner.error("at most one wildcard in a selector", start)
    return Selector(tuple(steps))


def _step(scanner: Scanner) -> Step:
    if scanner.took("*"):
        return Wildcard.ANY
    if not scanner.took("["):
        name = scanner.run("_-")
        if not name:
            raise scanner.error("a property name is missing; quote odd keys as ['key']")
        return name
    step = _index(scanner)
    if not scanner.took("]"):
        raise scanner.error("the closing ] is missing")
    return step


def _index(scanner: Scanner) -> Step:
    if scanner.took("*"):
        return Wildcard.ANY
    if scanner.peek() in ("'", '"'):
        return scanner.quoted(scanner.peek())
    digits = scanner.run("")
    if not (digits.isascii() and digits.isdigit()):
        raise scanner.error("a position, `*` or a quoted key stands between [ and ]")
    return int(digits)


def _wildcards(condition: Condition) -> int:
    if isinstance(condition, AllOf | AnyOf):
        return sum(map(_wildcards, condition.conditions))
    subject = condition.subject
    return int(isinstance(subject, Selector) and Wildcard.ANY in subject.steps)


# -- space-delimited -------------------------------------------------------------


def _space(scanner: Scanner) -> SpacePattern:
    scanner.took("[")
    entries: list[Entry] = []
    ellipsis: int | None = None
    while True:
        scanner.blanks()
        start = scanner.at
        if scanner.took("..."):
            if ellipsis is not None:
                raise scanner.error("only one `...` in a pattern", start)
            ellipsis = len(entries)
        else:
            entries.append(_entry(scanner, entries))
        scanner.blanks()
        if not scanner.took(","):
            break
    scanner.need("]", "to close the pattern")
    end(scanner)
    if ellipsis is None and entries == [Entry("")]:
        return SpacePattern((), None)
    return SpacePattern(tuple(entries), ellipsis)


def _entry(scanner: Scanner, before: list[Entry]) -> Entry:
    if scanner.peek() in (",", "]", ""):
        return Entry("")
    start, position = scanner.at, len(before)
    names: list[str] = []

    def atom(scanner: Scanner) -> Condition:
        return _space_atom(scanner, names, position)

    condition = _either(scanner, atom)
    others = [name for name in names if name != names[0]]
    if others:
        raise scanner.error(
            f"Invalid filter pattern: one field has the names {names[0]} and {others[0]}", start
        )
    if any(entry.name == names[0] for entry in before):
        raise scanner.error(f"the field name {names[0]} stands twice", start)
    bare = isinstance(condition, AllOf) and not condition.conditions
    return Entry(names[0], None if bare else condition)


def _space_atom(scanner: Scanner, names: list[str], position: int) -> Condition:
    scanner.blanks()
    name = scanner.run("_-")
    if not name or name[0].isdigit() or name[0] == "-":
        raise scanner.error("expected a field name; it starts with a letter")
    names.append(name)
    scanner.blanks()
    comparison = scanner.comparison()
    if comparison is None:
        return AllOf(())
    return Compare(position, comparison, scanner.value(comparison))


def regexes(pattern: Pattern) -> list[Regex]:
    """Every regular expression of a pattern; a log group takes at most five patterns with one."""
    if isinstance(pattern, Terms):
        return [term.what for term in pattern.terms if isinstance(term.what, Regex)]
    if isinstance(pattern, JsonPattern):
        return _regexes(pattern.condition)
    return [r for e in pattern.entries if e.condition is not None for r in _regexes(e.condition)]


def _regexes(condition: Condition) -> list[Regex]:
    if isinstance(condition, AllOf | AnyOf):
        return [regex for each in condition.conditions for regex in _regexes(each)]
    if isinstance(condition, Compare) and isinstance(condition.value, Regex):
        return [condition.value]
    return []
