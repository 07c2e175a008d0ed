"""Addresses of one kind: the same path, whatever ids it holds."""

from __future__ import annotations

import polars as pl

from app.read.trace_page.filters import ID

_VERSION = r"^v\d{1,3}(\.\d+)?$"
_LETTERS_ONLY = r"^[0-9A-Fa-f-]{16,}$"


def shape_of_url(url: pl.Expr) -> pl.Expr:
    """An address without its query and with ids as ``*``.

    A part of the path that holds a digit counts as an id, and a long one of the letters of
    hexadecimal numbers; a version such as ``v1`` does not. The host stays.
    """
    host = url.str.extract(r"^([a-z]+://[^/?#]*)", 1).fill_null("")
    path = url.str.replace(r"^[a-z]+://[^/?#]*", "").str.replace(r"[?#].*$", "")
    part = pl.element()
    is_id = part.str.contains(r"\d") & ~part.str.contains(_VERSION)
    is_id |= part.str.contains(_LETTERS_ONLY)
    shaped = pl.when(is_id).then(pl.lit(ID)).otherwise(part)
    return host + path.str.split("/").list.eval(shaped).list.join("/")
