"""What is known of a node of the service map elsewhere: its resource, alarms and log groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.model.ids import Place, Resource
from app.read.alarms import AlarmRow, AlarmsReader
from app.read.books import Books
from app.read.logs import LogsReader
from app.read.scope import Scope

MOST_GROUPS = 3


@dataclass(frozen=True, slots=True)
class Around:
    """``arn`` is empty where no resource is known for the node."""

    arn: str = ""
    alarms: tuple[AlarmRow, ...] = ()
    log_groups: tuple[str, ...] = ()


class TraceAround:
    """Finds for the name of a node what other readers know."""

    def __init__(self, books: Books, logs: LogsReader, alarms: AlarmsReader) -> None:
        self._books, self._logs, self._alarms = books, logs, alarms

    def of_node(self, name: str, scope: Scope, account: str = "") -> Around:
        """A node is named like a function, a table or a stage, or by the ARN or URL of one."""
        found = self.resource(name, scope, account)
        arn = found.arn if found else ""
        return Around(
            arn, self._alarms.of_resource(arn, scope) if arn else (), self._groups(name, scope)
        )

    def resource(self, name: str, scope: Scope, account: str = "") -> Resource | None:
        """The resource that a node stands for, in its account, if just one can be meant."""
        whole = self._books.resources()
        if name in whole:
            return whole[name]
        tail = name.rstrip("/").rpartition("/")[2] if "://" in name else name
        names = {tail, tail.partition("/")[0]}
        near = self.of_places([p for p in scope.places if account in ("", p.account)])
        found = [each for each in near if tail in (each.id, each.name)]
        found = found or [each for each in near if names & {each.id, each.name}]
        return found[0] if len({each.arn for each in found}) == 1 else None

    def of_places(self, places: Sequence[Place]) -> list[Resource]:
        """All resources of some places."""
        wanted = set(places)
        return [each for each in self._books.resources().values() if each.place in wanted]

    def _groups(self, name: str, scope: Scope) -> tuple[str, ...]:
        known = sorted({found.key.name for found in self._logs.groups(scope.places)})
        own = [group for group in known if group == name or group.endswith(f"/{name}")]
        return tuple(own[:MOST_GROUPS])
