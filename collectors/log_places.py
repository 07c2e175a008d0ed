"""Where files of log events lie: below a folder, or below a prefix of a bucket."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from app.aws import Aws
from app.model.ids import Place

STILL_WRITTEN = timedelta(minutes=1)
"""A file of a folder that was changed so lately may not be complete."""

_BY_TIME = re.compile(r"(?:year=)?\d{4}/(?:month=)?\d\d/(?:day=)?\d\d/")
"""How names go on behind the prefix where Firehose writes them."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file; another ``mark`` means another content."""

    name: str
    mark: str
    size: int
    changed: datetime


class FilePlace(Protocol):
    """Lists files and gives their content. Raises AwsError or OSError."""

    def listed(self, after: str, now: datetime) -> Iterator[Listed]:
        """Files whose names come after ``after``."""
        ...

    def content(self, name: str) -> bytes: ...

    def is_by_time(self, name: str) -> bool:
        """Whether names such as this one grow with time, so that old ones need no listing."""
        ...

    @property
    def cut(self) -> str:
        """After listing: why not all files were listed, "" if they were."""
        ...


@dataclass(slots=True)
class Folder:
    """A folder with everything below it."""

    path: Path
    cut: str = ""

    def listed(self, after: str, now: datetime) -> Iterator[Listed]:
        for parent, folders, files in os.walk(self.path, onerror=_raise):
            folders.sort()
            for file in sorted(files):
                path = Path(parent, file)
                name = path.relative_to(self.path).as_posix()
                try:
                    found = path.stat()
                except FileNotFoundError:  # moved away since the folder was listed
                    continue
                changed = datetime.fromtimestamp(found.st_mtime, UTC)
                if name > after and changed <= now - STILL_WRITTEN:
                    mark = f"{found.st_size}-{found.st_mtime_ns}"
                    yield Listed(name, mark, found.st_size, changed)

    def content(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def is_by_time(self, name: str) -> bool:
        return False


@dataclass(slots=True)
class Bucket:
    """Objects below a prefix."""

    aws: Aws
    place: Place
    url: str
    collector: str
    cut: str = ""

    def listed(self, after: str, now: datetime) -> Iterator[Listed]:
        params = {"Bucket": self._bucket, "Prefix": self._prefix}
        if after:
            params["StartAfter"] = after
        pages = self.aws.pages(
            self.place,
            "s3",
            "ListObjectsV2",
            params,
            collector=self.collector,
            about=self._bucket,
        )
        for page in pages:
            for told in page.get("Contents") or ():
                mark = str(told["ETag"]).strip('"')
                yield Listed(told["Key"], mark, int(told["Size"]), told["LastModified"])
        self.cut = pages.cut

    def content(self, name: str) -> bytes:
        return self.aws.content(self.place, self._bucket, name, collector=self.collector)

    def is_by_time(self, name: str) -> bool:
        rest = name.removeprefix(self._prefix).lstrip("/")
        return _BY_TIME.match(rest) is not None

    @property
    def _bucket(self) -> str:
        return self.url.removeprefix("s3://").partition("/")[0]

    @property
    def _prefix(self) -> str:
        return self.url.removeprefix("s3://").partition("/")[2]


def file_place(aws: Aws, place: Place, at: str, collector: str) -> FilePlace:
    """The place that a setting names."""
    return Bucket(aws, place, at, collector) if at.startswith("s3://") else Folder(Path(at))


def _raise(error: OSError) -> None:
    raise error
