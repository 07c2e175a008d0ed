"""Which log groups there are: retention, size, class, filters and tags.

Groups and metric filters are listed whole. Tags and subscription filters take a
call for each group, so they are asked for some groups at a time, new ones first,
and again once a day.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from app.aws import Aws
from app.config import LogGroupSettings
from app.model.errors import AwsError
from app.model.groups import LOG_GROUPS
from app.model.ids import Place
from app.model.logs import LogGroup, LogGroupKey
from app.model.rounds import Batch, Covered, Settledness
from app.model.time import Window, from_epoch_ms
from app.store import Store
from collectors.asking import is_gone, is_refused
from collectors.log_choice import STANDARD, Rules, leaves_out
from collectors.log_reading import COLLECTOR

A_PAGE = 50
DETAILS_AT_ONCE = 60
DETAILS_EVERY = timedelta(days=1)

Page = Mapping[str, Any]


@dataclass(slots=True)
class GroupBook:
    """Log groups of the store, and which of them are read."""

    aws: Aws
    store: Store
    rules: Rules
    _asked: dict[LogGroupKey, datetime] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def chosen(self, place: Place) -> list[LogGroup]:
        """The groups of a place that are read, by name."""
        known = self._known(place).values()
        return [g for g in known if g.log_class == STANDARD and self.rules.of(g) is not None]

    def lossy(self, place: Place) -> list[LogGroup]:
        """The groups of a place of which not every event is kept."""
        found = []
        for group in self._known(place).values():
            rule = self.rules.of(group) if group.log_class == STANDARD else None
            if rule is None or leaves_out(rule):
                found.append(group)
        return found

    def rule(self, group: LogGroup) -> LogGroupSettings:
        """What to do with a chosen group."""
        rule = self.rules.of(group)
        if rule is None:
            raise ValueError(f"no rule chooses {group.key}")
        return rule

    def is_due(self, place: Place, now: datetime, every: timedelta) -> bool:
        """Whether to list the groups of a place now."""
        listed = self.store.coverage(place, LOG_GROUPS).answered
        return not listed or now - listed.windows[-1].end >= every

    def window(self, place: Place, now: datetime) -> Window:
        """The time since the last listing."""
        listed = self.store.coverage(place, LOG_GROUPS).answered
        last = listed.windows[-1].end if listed else now - timedelta(minutes=1)
        return Window(min(now, last), now)

    def lacks_details(self, place: Place, now: datetime) -> bool:
        """Whether tags or subscriptions of some group are to be asked for."""
        return bool(self._to_detail(self._known(place).values(), now))

    def listing(self, place: Place, window: Window) -> Iterator[Batch]:
        """One batch with all groups of a place."""
        known, notes = self._known(place), dict[str, None]()
        groups, cut = self._groups(place, known)
        filters = self._metric_filters(place, notes)
        if filters is not None:
            groups = [replace(g, metric_filters=tuple(filters.get(g.key.name, ()))) for g in groups]
        if cut:
            notes[cut] = None
        notes |= dict.fromkeys(self._unreadable(groups))
        yield Batch(
            log_groups=groups,
            log_listings=() if cut else (place,),
            covered=[Covered(place, LOG_GROUPS, window, Settledness.SETTLED)],
            notes=tuple(notes),
        )

    def details(self, place: Place, now: datetime) -> Iterator[Batch]:
        """One batch with tags and subscriptions of some groups."""
        notes: dict[str, None] = {}
        groups = self._to_detail(self._known(place).values(), now)
        yield Batch(log_groups=[self._detailed(g, now, notes) for g in groups], notes=tuple(notes))

    def _known(self, place: Place) -> dict[LogGroupKey, LogGroup]:
        """Groups that the last listing named; of others there may be events."""
        here = (g for g in self.store.logs.groups() if g.key.place == place)
        return {g.key: g for g in here if g.gone is None and g.last_seen is not None}

    def _groups(
        self, place: Place, known: Mapping[LogGroupKey, LogGroup]
    ) -> tuple[list[LogGroup], str]:
        """Every group, with the tags and subscriptions that are known; and whether some lack."""
        params = {"limit": A_PAGE}
        pages = self.aws.pages(place, "logs", "DescribeLogGroups", params, collector=COLLECTOR)
        found = [_group(place, told) for page in pages for told in page.get("logGroups", ())]
        return [_with_details(g, known.get(g.key)) for g in found], pages.cut

    def _metric_filters(
        self, place: Place, notes: dict[str, None]
    ) -> dict[str, list[Mapping[str, Any]]] | None:
        """Every metric filter by group; None where the role may not ask."""
        filters: dict[str, list[Mapping[str, Any]]] = {}
        params = {"limit": A_PAGE}
        try:
            pages = self.aws.pages(
                place, "logs", "DescribeMetricFilters", params, collector=COLLECTOR
            )
            for page in pages:
                for told in page.get("metricFilters", ()):
                    filters.setdefault(str(told.get("logGroupName")), []).append(_plain(told))
        except AwsError as error:
            if not is_refused(error):
                raise
            notes[error.message] = None
            return None
        return filters

    def _to_detail(self, groups: Iterable[LogGroup], now: datetime) -> list[LogGroup]:
        """Groups whose tags and subscriptions to ask for now, those never asked for first."""
        wanted = [g for g in groups if self._looks_at(g)]
        with self._lock:
            ages = {g.key: self._asked.get(g.key) for g in wanted}
        due = [g for g in wanted if (at := ages[g.key]) is None or now - at >= DETAILS_EVERY]
        return sorted(due, key=lambda g: (bool(g.tags), g.key))[:DETAILS_AT_ONCE]

    def _looks_at(self, group: LogGroup) -> bool:
        return self.rules.look_at_tags or self.rules.of(group) is not None

    def _detailed(self, group: LogGroup, now: datetime, notes: dict[str, None]) -> LogGroup:
        name = group.key.name
        tags = self._ask(
            group, "ListTagsForResource", {"resourceArn": group.arn.removesuffix(":*")}, notes
        )
        filters = self._ask(group, "DescribeSubscriptionFilters", {"logGroupName": name}, notes)
        with self._lock:
            self._asked[group.key] = now
        if tags is not None:
            group = replace(group, tags=dict(tags.get("tags") or {}))
        if filters is not None:
            told = tuple(_plain(each) for each in filters.get("subscriptionFilters", ()))
            group = replace(group, subscription_filters=told)
        return group

    def _ask(
        self, group: LogGroup, operation: str, params: Page, notes: dict[str, None]
    ) -> Page | None:
        """The answer, None where the role may not ask or the group is gone by now."""
        place, name = group.key.place, group.key.name
        try:
            return self.aws.call(place, "logs", operation, params, collector=COLLECTOR, about=name)
        except AwsError as error:
            if not (is_refused(error) or is_gone(error)):
                raise
            if is_refused(error):
                notes[error.message] = None
            return None

    def _unreadable(self, groups: Sequence[LogGroup]) -> Iterator[str]:
        """What is said of groups that rules choose and nobody can read."""
        by_class: dict[str, list[str]] = {}
        for group in groups:
            if group.log_class != STANDARD and self.rules.of(group) is not None:
                by_class.setdefault(group.log_class, []).append(group.key.name)
        for kind, names in sorted(by_class.items()):
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            yield (
                f"not read, because events of the class {kind} cannot be read one by one "
                f"(FilterLogEvents): {', '.join(names[:3])}{more}"
            )


def _group(place: Place, told: Page) -> LogGroup:
    created = told.get("creationTime")
    return LogGroup(
        LogGroupKey(place, str(told["logGroupName"])),
        arn=str(told.get("logGroupArn") or told.get("arn") or ""),
        log_class=str(told.get("logGroupClass") or STANDARD),
        retention_days=told.get("retentionInDays"),
        stored_bytes=int(told.get("storedBytes") or 0),
        created=None if created is None else from_epoch_ms(int(created)),
    )


def _with_details(group: LogGroup, known: LogGroup | None) -> LogGroup:
    if known is None:
        return group
    return replace(
        group,
        tags=known.tags,
        subscription_filters=known.subscription_filters,
        metric_filters=known.metric_filters,
    )


def _plain(told: Page) -> dict[str, Any]:
    """A filter as it was described, in types of JSON."""
    return {name: value for name, value in told.items() if name != "logGroupName"}
