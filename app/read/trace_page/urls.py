"""Addresses of one kind: the same path, whatever ids it holds."""

from __future__ import annotations

import polars as pl

_ID = r"/[^/]*\d[^/]*(/|$)"


def shape_of_url(url: pl.Expr) -> pl.Expr:
    """An address without its query and with ids as ``*``.

    A part of the path that holds a digit counts as an id; the host stays. Replaced twice,
    since two ids in a row share the stroke between them.
    """
    host = url.str.extract(r"^([a-z]+://[^/]*)", 1).fill_null("")
    path = url.str.replace(r"^[a-z]+://[^/]*", "").str.replace(r"[?#].*$", "")
    return host + path.str.replace_all(_ID, "/*${1}").str.replace_all(_ID, "/*${1}")
