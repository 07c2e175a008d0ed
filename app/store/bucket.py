"""Segments in an S3-compatible bucket, read through files on the local disk.

The bucket is the truth: a file has its name there before the catalog lists it.
Segments never change, so a local copy stays right for good; readers scan copies
only, which makes a bucket as fast as a disk for what was read lately.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore import exceptions
from obstore.auth.boto3 import Boto3CredentialProvider
from obstore.store import S3Store

from app.config import StoreSettings
from app.model.errors import StoreError, StoreFull
from app.store.catalog import FULL
from app.store.files import MISSING, LocalFiles, Part, flaw

SEGMENTS, QUARANTINE, MARK = "segments/", "quarantine/", "store.id"
PARALLEL = 8
IN_USE = timedelta(minutes=15)
"""A copy that was asked for within this time may still be scanned and stays."""

TIMEOUT = "30s"
RETRIES = {"max_retries": 4, "retry_timeout": timedelta(seconds=30)}


@dataclass(frozen=True, slots=True)
class Held:
    """A local copy: when it was last asked for (seconds since 1970) and its bytes."""

    used: float
    size: int
    path: Path


class BucketFiles:
    """Segments below a prefix of a bucket; copies lie below ``folder``."""

    def __init__(self, store: S3Store, url: str, folder: Path, cache_bytes: int) -> None:
        self._store, self._url, self._most = store, url, cache_bytes
        self._local = LocalFiles(folder)
        self._sizes: dict[str, int] | None = None
        """Sizes as last listed, for a glance at many files at once."""

    def put(self, name: str, content: bytes) -> None:
        self.stage(name, content)
        self.publish([name])

    def stage(self, name: str, content: bytes) -> None:
        self._local.stage(name, content)

    def publish(self, names: list[str]) -> None:
        """Upload first; a copy that is kept locally saves reading it back."""
        self._sizes = None
        with ThreadPoolExecutor(PARALLEL) as pool:
            list(pool.map(self._upload, names))
        self._local.publish(names)
        self._make_room()

    def read(self, name: str) -> bytes:
        with self._asking(f"read {name}"):
            return bytes(obstore.get(self._store, SEGMENTS + name).bytes())

    def parts(self, wanted: Sequence[Part]) -> list[bytes]:
        """From copies where there are some; the rest is asked for several at a time."""
        with ThreadPoolExecutor(PARALLEL) as pool:
            return list(pool.map(self._bytes, wanted))

    def glance(self, name: str, length: int) -> str:
        """Only the length: an object appears whole or not at all."""
        found = self._listed().get(name)
        return MISSING if found is None else flaw(found, length)

    def delete(self, name: str) -> None:
        self._local.delete(name)
        with self._asking(f"delete {name}"):
            try:
                obstore.delete(self._store, SEGMENTS + name)
            except (FileNotFoundError, exceptions.NotFoundError):
                return

    def quarantine(self, name: str) -> None:
        self._local.delete(name)
        with self._asking(f"set {name} aside"):
            try:
                obstore.rename(self._store, SEGMENTS + name, QUARANTINE + name)
            except (FileNotFoundError, exceptions.NotFoundError):
                return

    def names(self) -> Iterator[str]:
        self._sizes = None
        yield from self._listed()

    def locations(self, names: Sequence[str]) -> list[str]:
        """Paths of local copies; those that are not there yet are fetched, several at a time."""
        missing = [name for name in names if not self._touched(name)]
        if missing:
            with ThreadPoolExecutor(min(PARALLEL, len(missing))) as pool:
                list(pool.map(self._fetch, missing))
            self._make_room()
        return self._local.locations(names)

    def mark(self) -> str | None:
        with self._asking("read its mark"):
            try:
                return bytes(obstore.get(self._store, MARK).bytes()).decode().strip()
            except (FileNotFoundError, exceptions.NotFoundError):
                return None

    def set_mark(self, mark: str) -> None:
        with self._asking("write its mark"):
            obstore.put(self._store, MARK, f"{mark}\n".encode())

    def sweep(self) -> int:
        return self._local.sweep()

    def close(self) -> None:
        self._local.close()

    def _bytes(self, wanted: Part) -> bytes:
        name, start, length = wanted
        try:
            return self._local.parts([wanted])[0]
        except FileNotFoundError:
            with self._asking(f"read {name}"):
                found = obstore.get_range(self._store, SEGMENTS + name, start=start, length=length)
                return bytes(found)

    def _upload(self, name: str) -> None:
        with self._asking(f"write {name}"):
            obstore.put(self._store, SEGMENTS + name, self._local.staged(name))

    def _listed(self) -> dict[str, int]:
        if self._sizes is None:
            with self._asking("list its segments"):
                found = (e for part in obstore.list(self._store, SEGMENTS) for e in part)
                self._sizes = {str(e["path"]).removeprefix(SEGMENTS): e["size"] for e in found}
        return self._sizes

    def _touched(self, name: str) -> bool:
        try:
            os.utime(self._local.path(name))
        except FileNotFoundError:
            return False
        return True

    def _fetch(self, name: str) -> None:
        """Give a copy its name only when it is whole; two processes may do so at once."""
        path = self._local.path(name)
        part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        content = self.read(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(content)
                os.fsync(file.fileno())
            part.rename(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            if error.errno in FULL:
                raise StoreFull(
                    f"no space left for a copy of {name} in {path.parent}; free space there, or "
                    "lower store.bucket_cache_gb"
                ) from error
            raise StoreError(f"cannot keep a copy in {path.parent}: {error}") from error

    def _make_room(self) -> None:
        """Remove the copies that were not asked for longest, until the rest fits."""
        held = sorted(self._held(), key=lambda copy: copy.used)
        size = sum(copy.size for copy in held)
        for copy in held:
            # The newest copy has just been written, so it tells what time it is.
            if size <= self._most or copy.used > held[-1].used - IN_USE.total_seconds():
                return
            copy.path.unlink(missing_ok=True)
            size -= copy.size

    def _held(self) -> Iterator[Held]:
        for path in self._local.path("").rglob("*.parquet"):
            try:
                found = path.stat()
            except FileNotFoundError:
                continue
            yield Held(found.st_mtime, found.st_size, path)

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        """Errors of the bucket as ours; none of them means that a file is not there."""
        try:
            yield
        except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError) as error:
            raise StoreError(
                f"not allowed to {what} in {self._url}; the identity that Watchdeck runs as needs "
                "s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject and s3:DeleteObject "
                "below the prefix"
            ) from error
        except (FileNotFoundError, exceptions.NotFoundError) as error:
            raise StoreError(
                f"could not {what} in {self._url}: the bucket or the object is not there; "
                "look at store.bucket and store.bucket_region"
            ) from error
        except exceptions.BaseError as error:
            raise StoreError(
                f"could not {what}: {self._url} cannot be reached ({_reason(error)}); check the "
                "network, store.bucket_endpoint and store.bucket_region"
            ) from error


def open_bucket(settings: StoreSettings) -> BucketFiles:
    """The bucket that ``settings.bucket`` names; asks it nothing yet."""
    assert settings.bucket is not None  # noqa: S101 - by the caller
    url = urlsplit(settings.bucket)
    endpoint = settings.bucket_endpoint
    options: dict[str, object] = {"region": settings.bucket_region}
    if endpoint:
        options |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
    if settings.bucket_access_key_id and settings.bucket_secret_access_key:
        options |= {
            "access_key_id": settings.bucket_access_key_id,
            "secret_access_key": settings.bucket_secret_access_key.reveal(),
        }
    else:
        options["credential_provider"] = Boto3CredentialProvider()
    client = {"timeout": TIMEOUT, "allow_http": bool(endpoint and endpoint.startswith("http:"))}
    prefix = url.path.strip("/") or None
    store = S3Store(
        url.netloc,
        prefix=prefix,
        client_options=client,  # type: ignore[arg-type] # a TypedDict that we build
        retry_config=RETRIES,  # type: ignore[arg-type] # a TypedDict that we build
        **options,  # type: ignore[arg-type] # a TypedDict that we build
    )
    cache = int(settings.bucket_cache_gb * 10**9)
    return BucketFiles(store, settings.bucket, settings.path, cache)


def _reason(error: Exception) -> str:
    """The first sentence of an error, which never holds credentials."""
    return str(error).split("\n", 1)[0][:200]
