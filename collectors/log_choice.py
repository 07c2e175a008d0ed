"""Which log groups are read, by the rules of the settings: the first that fits counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from app.config import LogGroupSettings, LogKeepSettings
from app.model.logs import LogGroup

STANDARD = "STANDARD"
"""The one class whose events can be read line by line (FilterLogEvents)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """``services`` maps ids to globs of log group names, ``accounts`` ids to names."""

    settings: Sequence[LogGroupSettings]
    services: Mapping[str, Sequence[str]]
    accounts: Mapping[str, str]

    def of(self, group: LogGroup) -> LogGroupSettings | None:
        """What to do with a group, None to leave it alone."""
        rule = next((rule for rule in self.settings if self._fits(rule, group)), None)
        return rule if rule is not None and rule.collect else None

    @property
    def look_at_tags(self) -> bool:
        return any(rule.tags for rule in self.settings)

    def _fits(self, rule: LogGroupSettings, group: LogGroup) -> bool:
        place, name = group.key.place, group.key.name
        globs = [glob for service in rule.services for glob in self.services.get(service, ())]
        return (
            _any(rule.names, name)
            and (not rule.services or _any(globs or ["\0"], name))
            and all(_tagged(group, tag, glob) for tag, glob in rule.tags.items())
            and _one_of(rule.accounts, place.account, self.accounts.get(place.account, ""))
            and _one_of(rule.regions, place.region)
        )


def leaves_out(rule: LogKeepSettings) -> bool:
    """Whether fewer events are kept than arrive, on purpose."""
    limited = rule.max_events_per_hour is not None or rule.max_mb_per_hour is not None
    return bool(rule.include or rule.exclude or rule.sample) or limited


def _any(globs: Sequence[str], name: str) -> bool:
    return not globs or any(fnmatchcase(name, glob) for glob in globs)


def _tagged(group: LogGroup, tag: str, glob: str) -> bool:
    return tag in group.tags and fnmatchcase(group.tags[tag], glob)


def _one_of(wanted: Sequence[str], *names: str) -> bool:
    return not wanted or any(name in wanted for name in names)
