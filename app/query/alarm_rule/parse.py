"""Text to tree; a mistake is told in CloudWatch's words, with its place and a way out."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from app.model.states import AlarmState
from app.query.alarm_rule.tree import (
    All,
    Any,
    AtLeast,
    Condition,
    Constant,
    Group,
    Not,
    Ref,
    Rule,
)
from app.query.lang import QueryError, Span, closest

LONGEST = 10_240
DEEPEST = 200
KEYWORDS = (
    "ALARM", "OK", "INSUFFICIENT_DATA", "AT_LEAST", "TRUE", "FALSE", "AND", "OR", "NOT",
)  # fmt: skip
_WORDS = {
    "$END": "<EOF>", "LPAR": "'('", "NOT": "'NOT'", "AT_LEAST": "AT_LEAST",
    "TRUE": "TRUE or FALSE", "ALARM": "ALARM, OK, or INSUFFICIENT_DATA", "_AND": "'AND'",
    "_OR": "'OR'", "RPAR": "')'", "COMMA": "','", "NUMBER": "NUMBER, PERCENTAGE NUMBER",
    "BARE": "an alarm name",
}  # fmt: skip
"""What may stand at a place, in the words and the order of CloudWatch's own messages."""

_WORD = re.compile(r'[^\s(),"]+|.', re.S)
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"?', re.S)
_ESCAPE = re.compile(r'\\(["\\])')
_GRAMMAR = Path(__file__).with_name("grammar.lark")


def parse(rule: str) -> Rule:
    """The tree of a rule; QueryError where CloudWatch would refuse it."""
    if rule != rule.strip() or not rule:
        message = "AlarmRule must not contain leading or trailing whitespace or be null"
        end = len(rule)
        start = len(rule.rstrip()) if rule[:1].strip() else 0
        raise QueryError(message, rule, Span(start, max(start + 1, end) if start else 1))
    if len(rule) > LONGEST:
        raise QueryError(
            f"AlarmRule has {len(rule)} characters, at most {LONGEST} are allowed",
            rule,
            Span(LONGEST, LONGEST + 1),
        )
    _check_depth(rule)
    try:
        tree: Rule = _parser().parse(rule)  # type: ignore[assignment]  # made by the transformer
    except UnexpectedInput as error:
        raise _refusal(error, rule) from None
    return tree


@cache
def _parser() -> Lark:
    grammar = _GRAMMAR.read_text(encoding="utf-8")
    return Lark(
        grammar, parser="lalr", lexer="contextual", transformer=_Build(), propagate_positions=True
    )


def _check_depth(rule: str) -> None:
    """Refuse brackets and NOTs that nest so deep that no reader could follow."""
    bare = _QUOTED.sub(lambda found: "x" * len(found[0]), rule)
    depth = 0
    for position, each in enumerate(bare):
        depth += (each == "(") - (each == ")")
        if depth > DEEPEST:
            message = f"brackets nest deeper than {DEEPEST}"
            raise QueryError(message, rule, Span(position, position + 1))
    for found in re.finditer(rf"(?:NOT\s+){{{DEEPEST + 1},}}", bare):
        message = f"more than {DEEPEST} NOTs in a row"
        raise QueryError(message, rule, Span(found.start(), found.end()))


def _refusal(error: UnexpectedInput, rule: str) -> QueryError:
    start = _position(error, rule)
    word = _WORD.match(rule, start)
    if word is None:
        end = len(rule)
        message = f"the rule ends too early at char {end}{_expected(error)}"
        return QueryError(message, rule, Span(end, end + 1))
    message = (
        f"Error in AlarmRule [Unsupported token '{word[0]}' at char {start}{_expected(error)}]"
    )
    return QueryError(f"{message}{_way_out(word[0], error)}", rule, Span(start, word.end()))


def _position(error: UnexpectedInput, rule: str) -> int:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return len(rule)
    position = error.pos_in_stream
    return len(rule) if position is None else position


def _names(error: UnexpectedInput) -> set[str]:
    if isinstance(error, UnexpectedToken):
        return set(error.accepts or error.expected or ())
    if isinstance(error, UnexpectedCharacters):
        return set(error.allowed or ())
    return set()


def _expected(error: UnexpectedInput) -> str:
    names = _names(error)
    told = [words for name, words in _WORDS.items() if name in names]
    return f", must be: {', '.join(told)}" if told else ""


def _way_out(word: str, error: UnexpectedInput) -> str:
    """What was probably meant: a name with blanks, or a keyword in another spelling."""
    wanted = _names(error)
    if wanted & {"RPAR", "COMMA"} and not wanted & {"_OR", "_AND"} and word not in "(),":
        return "; put a name with spaces in double quotes"
    meant = closest(word.upper(), KEYWORDS)
    if meant and meant != word:
        return f"; did you mean `{meant}`?"
    return ""


@v_args(inline=True)
class _Build(Transformer[Token, Rule]):
    """Tree of lark to tree of ours; called while parsing, so depth is no matter."""

    def any(self, *parts: Rule) -> Rule:
        return Any(parts)

    def all(self, *parts: Rule) -> Rule:
        return All(parts)

    def group(self, inner: Rule) -> Rule:
        return Group(inner)

    def negation(self, _not: Token, inner: Rule) -> Rule:
        return Not(inner)

    def constant(self, token: Token) -> Rule:
        return Constant(token.type == "TRUE")

    def condition(self, state: AlarmState, ref: Ref) -> Rule:
        return Condition(state, ref)

    def at_least(
        self,
        keyword: Token,
        threshold: Token,
        counted: tuple[bool, AlarmState],
        *refs: Ref,
    ) -> Rule:
        negated, state = counted
        start = threshold.start_pos or 0
        return AtLeast(
            threshold=int(threshold.rstrip("%")),
            percent=threshold.endswith("%"),
            negated=negated,
            state=state,
            refs=refs,
            span=Span(start, start + len(threshold)),
        )

    def state(self, token: Token) -> AlarmState:
        return AlarmState(token.type)

    def counted(self, *parts: Token | AlarmState) -> tuple[bool, AlarmState]:
        return len(parts) == 2, AlarmState(str(parts[-1]))

    def threshold(self, token: Token) -> Token:
        return token

    def ref(self, token: Token) -> Ref:
        start = token.start_pos or 0
        name = _ESCAPE.sub(r"\1", token[1:-1]) if token.type == "QUOTED" else str(token)
        return Ref(name, Span(start, start + len(token)))
