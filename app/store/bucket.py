"""Segments in an S3-compatible bucket, read through files on the local disk.

The bucket is the truth: a file has its name there before the catalog lists it.
Segments never change, so a local copy stays right for good; readers scan copies
only, which makes a bucket as fast as a disk for what was read lately.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import obstore
from obstore import exceptions
from obstore.store import S3Store

from app.config import StoreSettings
from app.model.errors import SegmentGone, StoreError
from app.store.bucket_errors import asking, code_of
from app.store.copies import Copies
from app.store.files import MISSING, Part, flaw

if TYPE_CHECKING:
    from obstore.store import S3Credential

SEGMENTS, QUARANTINE, MARK = "segments/", "quarantine/", "store.id"
PARALLEL = 8
STRIPES = 64
"""Locks that make two threads fetch one segment once."""

TIMEOUT = "120s"
"""Enough for 60 MB at 4 Mbit/s; a server that does not even answer is given up sooner."""

CONNECT_TIMEOUT = "5s"
RETRIES = {"max_retries": 4, "retry_timeout": timedelta(seconds=30)}


class BucketFiles:
    """Segments below a prefix of a bucket, with copies on the local disk."""

    def __init__(self, store: S3Store, url: str, copies: Copies) -> None:
        self._store, self._url, self._copies = store, url, copies
        self._stripes = [threading.Lock() for _ in range(STRIPES)]
        self._sizes: dict[str, int] | None = None
        """Sizes as last listed, for a glance at many files at once."""

    def put(self, name: str, content: bytes) -> None:
        self.stage(name, content)
        self.publish([name])

    def stage(self, name: str, content: bytes) -> None:
        self._copies.stage(name, content)

    def publish(self, names: list[str]) -> None:
        """Upload first; a copy that is kept locally saves reading it back."""
        self._at_once(self._upload, names)
        self._copies.publish(names)
        self._copies.make_room()

    def read(self, name: str) -> bytes:
        with asking(self._url, f"read {name}"):
            return bytes(obstore.get(self._store, SEGMENTS + name).bytes())

    def parts(self, wanted: Sequence[Part]) -> list[bytes]:
        """From copies where there are some; the rest is asked for several at a time."""
        with ThreadPoolExecutor(PARALLEL) as pool:
            return list(pool.map(self._bytes, wanted))

    def glance(self, name: str, length: int) -> str:
        """Only the length: an object appears whole or not at all."""
        found = self._listed().get(name)
        if found is None:
            # Another process may have written it since the list was made.
            found = self._size(name)
        return MISSING if found is None else flaw(found, length)

    def delete(self, name: str) -> None:
        self._copies.delete(name)
        try:
            with asking(self._url, f"delete {name}"):
                obstore.delete(self._store, SEGMENTS + name)
        except SegmentGone:
            return

    def quarantine(self, name: str) -> None:
        self._copies.delete(name)
        try:
            with asking(self._url, f"set {name} aside"):
                obstore.rename(self._store, SEGMENTS + name, QUARANTINE + name)
        except SegmentGone:
            return

    def names(self) -> Iterator[str]:
        self._sizes = None
        yield from self._listed()

    def locations(self, names: Sequence[str]) -> list[str]:
        """Paths of local copies; those that are not there yet are fetched, several at a time."""
        missing = self._copies.missing(names)
        if missing:
            self._at_once(self._fetch, missing)
            self._copies.make_room()
        return self._copies.locations(names)

    def mark(self) -> str | None:
        try:
            with asking(self._url, "read its mark"):
                return bytes(obstore.get(self._store, MARK).bytes()).decode().strip()
        except SegmentGone:
            return None

    def set_mark(self, mark: str) -> None:
        """The first to say so wins, if two new stores name one bucket at the same time."""
        content = f"{mark}\n".encode()
        with asking(self._url, "write its mark"):
            try:
                obstore.put(self._store, MARK, content, mode="create")
            except exceptions.AlreadyExistsError:
                return
            except exceptions.BaseError as error:
                if code_of(error) not in ("NotImplemented", "501"):
                    raise
                obstore.put(self._store, MARK, content)

    def sweep(self) -> int:
        return self._copies.sweep()

    def close(self) -> None:
        self._copies.close()

    def _at_once(self, do: Callable[[str], None], names: Sequence[str]) -> None:
        with ThreadPoolExecutor(min(PARALLEL, max(1, len(names)))) as pool:
            list(pool.map(do, names))

    def _bytes(self, wanted: Part) -> bytes:
        name, start, length = wanted
        try:
            return self._copies.part(wanted)
        except FileNotFoundError:
            with asking(self._url, f"read {name}"):
                found = obstore.get_range(self._store, SEGMENTS + name, start=start, length=length)
                return bytes(found)

    def _upload(self, name: str) -> None:
        """In one request: what is left of several parts would be stored and shown to nobody."""
        content = self._copies.staged(name).read_bytes()
        with asking(self._url, f"write {name}"):
            obstore.put(self._store, SEGMENTS + name, content, use_multipart=False)

    def _listed(self) -> dict[str, int]:
        found = self._sizes
        if found is None:
            with asking(self._url, "list its segments"):
                entries = (e for part in obstore.list(self._store, SEGMENTS) for e in part)
                found = {str(e["path"]).removeprefix(SEGMENTS): e["size"] for e in entries}
            self._sizes = found
        return found

    def _size(self, name: str) -> int | None:
        """The length of one object as it is now, None if the bucket says it has none."""
        try:
            with asking(self._url, f"look at {name}"):
                # Not HEAD, whose answer cannot tell a missing object from a missing bucket.
                options = {"range": (0, 1)}
                found = obstore.get(self._store, SEGMENTS + name, options=options)  # type: ignore[arg-type] # a TypedDict
                return found.meta["size"]
        except SegmentGone:
            return None

    def _fetch(self, name: str) -> None:
        with self._stripes[hash(name) % STRIPES]:
            if self._copies.missing([name]):
                self._copies.keep(name, self.read(name))


def open_bucket(settings: StoreSettings) -> BucketFiles:
    """The bucket that ``settings.bucket`` names; asks it nothing yet."""
    if settings.bucket is None:
        raise StoreError("no bucket is set (store.bucket)")
    url = urlsplit(settings.bucket)
    endpoint = settings.bucket_endpoint
    options: dict[str, object] = {"region": settings.bucket_region}
    if endpoint:
        options |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
    store = S3Store(
        url.netloc,
        prefix=url.path.strip("/") or None,
        credential_provider=Credentials(settings),
        client_options={
            "timeout": TIMEOUT,
            "connect_timeout": CONNECT_TIMEOUT,
            "allow_http": bool(endpoint and endpoint.startswith("http:")),
        },
        retry_config=RETRIES,  # type: ignore[arg-type] # a TypedDict that we build
        **options,  # type: ignore[arg-type] # a TypedDict that we build
    )
    copies = Copies(settings.path, int(settings.bucket_cache_gb * 10**9))
    return BucketFiles(store, settings.bucket, copies)


class Credentials:
    """The configured key, else what the SDK's usual search finds, looked for when first needed.

    A configured key is passed on by this way too, or a session token from the
    environment would be sent along with it.
    """

    def __init__(self, settings: StoreSettings) -> None:
        self._settings = settings
        self._search: Callable[[], S3Credential] | None = None

    def __call__(self) -> S3Credential:
        key, secret = self._settings.bucket_access_key_id, self._settings.bucket_secret_access_key
        if key and secret:
            return {
                "access_key_id": key,
                "secret_access_key": secret.reveal(),
                "token": None,
                "expires_at": None,
            }
        if self._search is None:
            from obstore.auth.boto3 import Boto3CredentialProvider

            self._search = Boto3CredentialProvider()
        return self._search()
