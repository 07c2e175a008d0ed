"""Reads HCL into blocks and plain values; what depends on more than the file is unresolved."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput
from lark.tree import Meta

from alerts.exchange.found import Unresolved
from app.query.lang import syntax_error

_HEREDOC = re.compile(
    r"<<(-?)([A-Za-z_]\w*)[ \t]*\r?\n(.*?)^[ \t]*\2(?=[ \t]*(?:\r?\n|\Z))", re.DOTALL | re.MULTILINE
)
_PART = re.compile(r"\$\$\{|%%\{|\$\{((?:[^{}\"]|\"[^\"]*\")*)\}|%\{[^}]*\}")
_ESCAPE = re.compile(r'\\(u[0-9a-fA-F]{4}|[nrt"\\])')
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Reference:
    """``var.name`` and its like; what it stands for is looked up later."""

    path: str


@dataclass(frozen=True, slots=True)
class Template:
    """A string with parts that are looked up later."""

    parts: tuple[Any, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """``resource "type" "name" { ... }``; ``values`` are its attributes."""

    kind: str
    labels: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()

    def all(self, kind: str) -> Iterator[Block]:
        """The blocks of that kind inside this one."""
        return (block for block in self.blocks if block.kind == kind)


def parse(text: str) -> Block:
    """The file as one block; QueryError says where it cannot be read."""
    plain = _HEREDOC.sub(_as_string, text)
    try:
        tree = _parser().parse(plain)
    except UnexpectedInput as error:
        raise syntax_error(error, plain, {}) from None
    found: Block = _Builder(plain).transform(tree)
    return found


def quoted(text: str) -> str:
    """A string as HCL writes it."""
    made = json.dumps(text, ensure_ascii=False)
    return made.replace("${", "$${").replace("%{", "%%{")


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("hcl.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _as_string(found: re.Match[str]) -> str:
    """A heredoc as a string in quotes; the indented form loses its indentation."""
    body = textwrap.dedent(found[3]) if found[1] else found[3]
    return json.dumps(body, ensure_ascii=False)


def _text(token: str) -> Any:
    """What a string in quotes says: text, or a template where it holds ``${...}``."""
    body, last = token[1:-1], 0
    parts: list[Any] = []
    for match in _PART.finditer(body):
        parts.append(_unescaped(body[last : match.start()]))
        last = match.end()
        if match[0] in ("$${", "%%{"):
            parts.append(match[0][1:])
        elif match[1] is None:
            parts.append(Unresolved(match[0]))
        else:
            parts.append(parse(f"x = {match[1]}").values["x"])
    parts.append(_unescaped(body[last:]))
    if all(isinstance(part, str) for part in parts):
        return "".join(parts)
    return Template(tuple(part for part in parts if part != ""), token)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda m: chr(int(m[1][1:], 16)) if m[1][0] == "u" else _ESCAPES[m[1]], text)


@v_args(meta=True)
class _Builder(Transformer[Token, Any]):
    def __init__(self, text: str) -> None:
        super().__init__()
        self._source = text

    def start(self, meta: Meta, items: list[Any]) -> Block:
        return _block("", (), items)

    def block(self, meta: Meta, parts: list[Any]) -> Block:
        labels = tuple(part.text for part in parts[1:] if isinstance(part, _Label))
        return _block(str(parts[0]), labels, parts[1:])

    def label(self, meta: Meta, parts: list[Token]) -> _Label:
        return _Label(str(parts[0]).strip('"'))

    def attribute(self, meta: Meta, parts: list[Any]) -> tuple[str, Any]:
        return str(parts[0]), parts[1]

    def string(self, meta: Meta, parts: list[Token]) -> Any:
        return _text(str(parts[0]))

    def number(self, meta: Meta, parts: list[Token]) -> int | float:
        text = str(parts[0])
        return int(text) if text.isdigit() else float(text)

    def negative(self, meta: Meta, parts: list[Any]) -> Any:
        return -parts[1] if isinstance(parts[1], int | float) else self._unresolved(meta)

    def listing(self, meta: Meta, parts: list[Any]) -> list[Any]:
        return list(parts)

    def mapping(self, meta: Meta, parts: list[Any]) -> dict[str, Any]:
        return dict(parts)

    def pair(self, meta: Meta, parts: list[Any]) -> tuple[str, Any]:
        return parts[0], parts[1]

    def key(self, meta: Meta, parts: list[Token]) -> str:
        text = str(parts[0])
        return str(_text(text)) if text.startswith('"') else text

    def path(self, meta: Meta, parts: list[Any]) -> Any:
        text = self._source[meta.start_pos : meta.end_pos]
        return _WORDS[text] if text in _WORDS else Reference(text)

    def step(self, meta: Meta, parts: list[Any]) -> None:
        return None

    def call(self, meta: Meta, parts: list[Any]) -> Any:
        return self._unresolved(meta)

    operation = choice = opposite = call

    def _unresolved(self, meta: Meta) -> Unresolved:
        return Unresolved(self._source[meta.start_pos : meta.end_pos])


@dataclass(frozen=True, slots=True)
class _Label:
    text: str


def _block(kind: str, labels: tuple[str, ...], items: list[Any]) -> Block:
    values: dict[str, Any] = dict(item for item in items if isinstance(item, tuple))
    return Block(kind, labels, values, tuple(item for item in items if isinstance(item, Block)))
