"""Manifests of Data Exports and of older reports: which files make up the bill of a month.

AWS writes the manifest last, so files that no manifest names may not be complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

import orjson

from app.model.time import Window
from collectors.log_unpacking import Unreadable

ENDING = "manifest.json"
MONTH = "BILLING_PERIOD="


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files of a bill, as keys of their bucket, and its month where that is told."""

    files: tuple[str, ...]
    month: Window | None


def is_manifest(name: str) -> bool:
    return name.lower().endswith(ENDING)


def parsed(content: bytes, name: str) -> Manifest:
    """What a manifest says; Unreadable if it is none."""
    try:
        told = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise Unreadable("it is no JSON") from None
    files = told.get("dataFiles", told.get("reportKeys")) if isinstance(told, dict) else None
    if not isinstance(files, list):
        raise Unreadable("it is no manifest: it has neither dataFiles nor reportKeys")
    return Manifest(tuple(_key(str(file)) for file in files), _month(told, name))


def current(names: Iterable[str]) -> list[str]:
    """The manifests that hold now: those beside a month and not those of single versions.

    Where each version has a folder of its own, AWS keeps the newest manifest above them too.
    """
    found = sorted(name for name in names if is_manifest(name))
    folders = {str(PurePosixPath(name).parent) for name in found}
    return [
        name
        for name in found
        if not any(str(above) in folders for above in PurePosixPath(name).parent.parents)
    ]


def located(file: str, manifest: str, known: Iterable[str]) -> str | None:
    """The name under which a file of a manifest is listed; None if it is not there.

    A copy of a bucket has the same tree below another folder, so ends of names are compared.
    """
    parts = PurePosixPath(file).parts
    there = set(known)
    for start in range(len(parts)):
        name = "/".join(parts[start:])
        if name in there:
            return name
    beside = str(PurePosixPath(manifest).parent / PurePosixPath(file).name)
    return beside if beside in there else None


def month_of(text: str) -> Window | None:
    """The month that ``BILLING_PERIOD=2026-10`` in a name tells."""
    _, found, rest = text.partition(MONTH)
    try:
        start = datetime.strptime(rest[:7], "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        return None
    return whole_month(start) if found else None


def whole_month(at: datetime) -> Window:
    start = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Window(start, (start + timedelta(days=32)).replace(day=1))


def _key(file: str) -> str:
    """A key without the bucket that ``s3://bucket/key`` begins with."""
    return file.removeprefix("s3://").partition("/")[2] if file.startswith("s3://") else file


def _month(told: Mapping[str, Any], name: str) -> Window | None:
    start = (told.get("billingPeriod") or {}).get("start")
    if isinstance(start, str) and len(start) >= 8:
        try:
            digits = start.replace("-", "")[:8]
            return whole_month(datetime.strptime(digits, "%Y%m%d").replace(tzinfo=UTC))
        except ValueError:
            return month_of(name)
    return month_of(name)
