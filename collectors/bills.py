"""Bills that AWS writes into a bucket or a folder: taken month by month, by their manifests.

AWS writes the manifest after the files that it names, and writes the whole month again
whenever something changes. So a month is taken whole when its manifest is new, and each
taking is a revision: what was believed before stays known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.aws import Aws
from app.config import SpendSettings
from app.config.spend import BillSettings
from app.model.errors import AwsError, BadRequest
from app.model.groups import bills_group
from app.model.ids import Place
from app.model.rounds import Batch, Covered, Settledness, TakenObject
from app.store import Store
from collectors.asking import is_gone
from collectors.base import Task
from collectors.bill_files import BillFile, Content
from collectors.bill_intake import around, taken
from collectors.bill_manifest import current, is_manifest, located, parsed
from collectors.log_places import FilePlace, Folder, Listed, file_place
from collectors.log_unpacking import Unreadable
from collectors.placed import by_place, due

COLLECTOR = "bills"
AT_ONCE = 3
"""Months of one round; the others come in the next."""


class BillsCollector:
    """Takes the bills of every configured place."""

    name = COLLECTOR

    def __init__(self, aws: Aws, store: Store, settings: SpendSettings) -> None:
        self._aws, self._store = aws, store
        self._bills = by_place(settings.bills, aws.account_names())

    @property
    def every(self) -> timedelta:
        return timedelta(minutes=5)

    def plan(self, place: Place, now: datetime) -> list[Task]:
        """A task for each place that was not looked at for a while."""
        return due(self._bills, bills_group, self._store, place, now)

    def collect(self, task: Task, now: datetime) -> Iterator[Batch]:
        """Take the months whose manifests are new."""
        for where, given in self._bills:
            if where == task.place and bills_group(given.name) == task.group:
                at = file_place(self._aws, where, given.at, COLLECTOR)
                yield from _Taking(given, at, self._store, now).batches(task)


@dataclass(frozen=True, slots=True)
class _Taking:
    """One round of one place."""

    given: BillSettings
    at: FilePlace
    store: Store
    now: datetime

    def batches(self, task: Task) -> Iterator[Batch]:
        """A batch for each month, then what is covered; then the error that ended the round."""
        try:
            listed = {one.name: one for one in self.at.listed("", self.now)}
        except OSError as error:
            yield Batch(notes=(f"{self.given.at} cannot be read: {error.strerror}",))
            return
        known = self.store.objects.taken(self._source)
        names = [name for name in current(listed) if known.get(name) != listed[name].mark]
        # Oldest first, so that the last that is taken is the newest revision.
        new = sorted((listed[name] for name in names), key=lambda one: (one.changed, one.name))
        for manifest in new[:AT_ONCE]:
            yield self._month(manifest, listed)
        if not any(is_manifest(name) for name in listed):
            yield Batch(notes=(f"{self.given.at} holds no manifest of a report or export",))
        if len(new) <= AT_ONCE and task.window is not None:
            covered = Covered(task.place, task.group, task.window, Settledness.SETTLED)
            yield Batch(covered=[covered])

    @property
    def _source(self) -> str:
        return f"bills/{self.given.name}"

    def _month(self, manifest: Listed, listed: Mapping[str, Listed]) -> Batch:
        """The statements of one month; a month that cannot be read is noted and left."""
        done = TakenObject(self._source, manifest.name, manifest.mark)
        try:
            told = parsed(self._content_of(manifest.name), manifest.name)
            files = [self._file(name, manifest.name, listed) for name in told.files]
            window = told.month or around(files)
            if window is None:
                return Batch(objects=[done])
            staged, _ = taken(self.store, files, window, manifest.changed)
        except Unreadable as why:
            return Batch(objects=[done], notes=(f"{manifest.name} is left out: {why}",))
        except FileNotFoundError as why:
            # AWS is writing the month anew; its next manifest will name what is there.
            return Batch(notes=(f"{manifest.name} is left for the next time: {why}",))
        return Batch(staged_spend=staged, objects=[done])

    def _file(self, name: str, manifest: str, listed: Mapping[str, Listed]) -> BillFile:
        found = located(name, manifest, listed)
        if found is None:
            raise FileNotFoundError(f"{name} is not there")
        try:
            return BillFile(found, self._content(found))
        except Unreadable as why:
            raise Unreadable(f"{found}: {why}") from None

    def _content(self, name: str) -> Content:
        """A path where there is one, so that large files need not be held."""
        return self.at.path / name if isinstance(self.at, Folder) else self._content_of(name)

    def _content_of(self, name: str) -> bytes:
        try:
            return self.at.content(name)
        except AwsError as error:
            if is_gone(error):
                raise FileNotFoundError(f"{name} is not there") from None
            if isinstance(error, BadRequest):
                raise Unreadable(error.message) from None
            raise
