"""Alarms written on a page: the form as a value, what it would do, and how it is saved."""

from __future__ import annotations

from alerts.writing.draft import Draft, put_of
from alerts.writing.writer import Preview, Writer

__all__ = ["Draft", "Preview", "Writer", "put_of"]
