"""Functions of text.

Source: Amazon CloudWatch Logs User Guide, "Supported operations and functions".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Sequence
from urllib.parse import quote, unquote_plus

import orjson
import polars as pl

from app.query.insights.functions.entry import Build, Clock, Function
from app.query.insights.functions.rowwise import each_text, each_texts
from app.query.insights.regex import translated
from app.query.insights.values import Kind, Value, boolean, number, structure, text

_REFERENCE = re.compile(r"\\([0-9])|\$([0-9])|\$\{(\w+)\}|\\\\|\$")
_HEX = re.compile(r"(-?)(?:0[xX])?([0-9a-fA-F]+)\Z")


def _plain(build: Callable[[pl.Expr], pl.Expr]) -> Build:
    return lambda arguments, clock: text(build(arguments[0].text()))


def _each(apply: Callable[[str], str | None]) -> Build:
    return lambda arguments, clock: text(each_text(arguments[0].text(), apply, pl.String()))


def _trimmed(build: Callable[[pl.Expr, pl.Expr | None], pl.Expr]) -> Build:
    def trim(arguments: Sequence[Value], clock: Clock) -> Value:
        characters = arguments[1].text() if len(arguments) > 1 else None
        return text(build(arguments[0].text(), characters))

    return trim


def _concat(arguments: Sequence[Value], clock: Clock) -> Value:
    return text(pl.concat_str([a.text().fill_null("") for a in arguments]))


def _substr(arguments: Sequence[Value], clock: Clock) -> Value:
    whole, *bounds = arguments
    cuts = [bound.number().cast(pl.Int64, strict=False).clip(lower_bound=0) for bound in bounds]
    there = pl.all_horizontal([cut.is_not_null() for cut in cuts])
    return text(pl.when(there).then(whole.text().str.slice(*cuts)))


def _replace(arguments: Sequence[Value], clock: Clock) -> Value:
    whole, find, put = arguments
    if not isinstance(find.literal, str) or not isinstance(put.literal, str):
        return text(each_texts(arguments, _replaced, pl.String()))
    if not find.literal:
        return text(whole.text())
    return text(whole.text().str.replace_all(find.literal, put.literal, literal=True))


def _replaced(whole: str, find: str, put: str) -> str:
    return whole.replace(find, put) if find else whole


def _regex_replace(arguments: Sequence[Value], clock: Clock) -> Value:
    whole, find, put = arguments
    template = _REFERENCE.sub(_reference, str(put.literal))
    return text(whole.text().str.replace_all(translated(str(find.literal)), template))


def _reference(match: re.Match[str]) -> str:
    """``\\1`` of RE2 and ``$1`` of Java are the first group; other dollars are themselves."""
    group = match[1] or match[2] or match[3]
    return f"${{{group}}}" if group else {"\\\\": "\\"}.get(match[0], "$$")


def _strcontains(arguments: Sequence[Value], clock: Clock) -> Value:
    whole, find = arguments[0].text(), arguments[1].text()
    exact = whole.str.contains(find, literal=True)
    if len(arguments) == 2:
        return boolean(exact)
    folded = whole.str.to_lowercase().str.contains(find.str.to_lowercase(), literal=True)
    if arguments[2].literal is True:
        return boolean(folded)
    return boolean(pl.when(arguments[2].condition()).then(folded).otherwise(exact))


def _edge(build: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Build:
    return lambda arguments, clock: boolean(build(arguments[0].text(), arguments[1].text()))


def _split(arguments: Sequence[Value], clock: Clock) -> Value:
    return structure(each_texts(arguments, _parts, pl.String()))


def _parts(whole: str, delimiter: str) -> str:
    return orjson.dumps(whole.split(delimiter) if delimiter else list(whole)).decode()


def _base64_decoded(encoded: str) -> str | None:
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


def _ascii_of(digits: str) -> str | None:
    try:
        return bytes.fromhex(digits.removeprefix("0x")).decode("latin-1")
    except ValueError:
        return None


def _decimal_of(digits: str) -> float | None:
    match = _HEX.match(digits.strip())
    if match is None:
        return None
    return float(int(match[2], 16)) * (-1 if match[1] else 1)


def _hex_of(written: str) -> str | None:
    whole = int(float(written))
    return f"{'-' if whole < 0 else ''}0x{abs(whole):x}"


def _dec_to_hex(arguments: Sequence[Value], clock: Clock) -> Value:
    value = arguments[0]
    as_text = Value(Kind.NUMBER, value.number()).text()
    return text(each_text(as_text, _hex_of, pl.String()))


def _hex_to_dec(arguments: Sequence[Value], clock: Clock) -> Value:
    return number(each_text(arguments[0].text(), _decimal_of, pl.Float64()))


def _digest(name: str) -> Callable[[str], str]:
    return lambda plain: hashlib.new(name, plain.encode(), usedforsecurity=False).hexdigest()


FUNCTIONS = (
    Function("concat", 1, None, "All texts behind each other; absent parts are empty.", _concat),
    Function(
        "ltrim",
        1,
        2,
        "Without white space (or the given set of characters) at the left.",
        _trimmed(lambda whole, chars: whole.str.strip_chars_start(chars)),
    ),
    Function(
        "rtrim",
        1,
        2,
        "Without white space (or the given set of characters) at the right.",
        _trimmed(lambda whole, chars: whole.str.strip_chars_end(chars)),
    ),
    Function(
        "trim",
        1,
        2,
        "Without white space (or the given set of characters) on both sides.",
        _trimmed(lambda whole, chars: whole.str.strip_chars(chars)),
    ),
    Function(
        "strlen",
        1,
        1,
        "Characters of the text.",
        lambda arguments, clock: number(arguments[0].text().str.len_chars()),
    ),
    Function("toupper", 1, 1, "Upper case.", _plain(lambda t: t.str.to_uppercase())),
    Function("tolower", 1, 1, "Lower case.", _plain(lambda t: t.str.to_lowercase())),
    Function("substr", 2, 3, "From a position (0 is the first), so many characters.", _substr),
    Function("replace", 3, 3, "Every occurrence of a fixed text replaced.", _replace),
    Function(
        "regexReplace",
        3,
        3,
        "Every match of a regular expression replaced; \\1 is the first group.",
        _regex_replace,
        literals=(1, 2),
    ),
    Function("strcontains", 2, 3, "1 if the text occurs; a third true ignores case.", _strcontains),
    Function(
        "startsWith",
        2,
        2,
        "1 if the text starts so.",
        _edge(lambda whole, edge: whole.str.starts_with(edge)),
    ),
    Function(
        "endsWith",
        2,
        2,
        "1 if the text ends so.",
        _edge(lambda whole, edge: whole.str.ends_with(edge)),
    ),
    Function("urlencode", 1, 1, "Percent-encoded.", _each(lambda t: quote(t, safe=""))),
    Function("urldecode", 1, 1, "Percent-decoded.", _each(unquote_plus)),
    Function(
        "base64encode", 1, 1, "Base64.", _each(lambda t: base64.b64encode(t.encode()).decode())
    ),
    Function("base64decode", 1, 1, "Decoded Base64; absent if it is none.", _each(_base64_decoded)),
    Function("split", 2, 2, "List of the parts between a delimiter.", _split),
    Function("hexToAscii", 1, 1, "Text of hexadecimal bytes.", _each(_ascii_of)),
    Function("hexToDec", 1, 1, "Number of hexadecimal digits, with or without 0x.", _hex_to_dec),
    Function("decToHex", 1, 1, "Hexadecimal digits with 0x, fractions cut.", _dec_to_hex),
    Function("md5", 1, 1, "MD5 in hexadecimal.", _each(_digest("md5"))),
    Function("sha256", 1, 1, "SHA-256 in hexadecimal.", _each(_digest("sha256"))),
)
