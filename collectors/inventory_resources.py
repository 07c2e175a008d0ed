"""From what AWS answered about a thing to a :class:`~app.model.ids.Resource`.

Only the members that the service file names are kept, and of those never one
whose name says that it holds a secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.aws import partition
from app.catalogue.paths import search
from app.catalogue.schema import Lookup, Mention, ResourceKind
from app.model.ids import Place, Resource
from collectors.inventory_asking import MISSING, Item

_SECRET = re.compile(
    r"environment(files|variables)?|secrets?|secretoptions|userdata|(stage)?variables|policy"
    r"|authorizationconfig|\w*password|authtoken|masteruser\w*",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


def resource_of(place: Place, service: str, kind: ResourceKind, item: Item) -> Resource | None:
    """The resource that ``item`` describes; None when AWS did not say its name."""
    for lookup in kind.lookups:
        item[lookup.into] = looked_up(lookup, item)
    short = search(kind.id, item)
    arn = arn_of(place, kind, item)
    if not short or not arn:
        return None
    return Resource(
        arn=arn,
        account=place.account,
        region=place.region,
        service=service,
        kind=kind.kind,
        id=str(short),
        name=str((kind.name and search(kind.name, item)) or short),
        state=str((kind.state and search(kind.state, item)) or ""),
        tags=tags_of(search(kind.tags, item) if kind.tags else None),
        dimensions=_dimensions(kind, item),
        configuration=configuration_of(kind, item),
    )


def arn_of(place: Place, kind: ResourceKind, item: Item) -> str:
    """The ARN from the item or from the kind's template; empty when a part is missing."""
    if not kind.arn.startswith("arn:"):
        return str(search(kind.arn, item) or "")
    given = {
        "partition": partition(place.region),
        "region": place.region,
        "account": place.account,
        "id": search(kind.id, item),
    }
    names = _PLACEHOLDER.findall(kind.arn)
    parts = {name: given[name] if name in given else search(name, item) for name in names}
    if not all(parts.values()):
        return ""
    return _PLACEHOLDER.sub(lambda found: str(parts[found.group(1)]), kind.arn)


def tags_of(answer: Any) -> dict[str, str]:
    """Tags by key, whether AWS gave a mapping or a list of pairs; sorted."""
    if isinstance(answer, Mapping):
        pairs = {str(key): str(value) for key, value in answer.items()}
    else:
        pairs = {
            str(pair.get("Key", pair.get("key"))): str(pair.get("Value", pair.get("value")) or "")
            for pair in answer or ()
        }
    return dict(sorted(pairs.items()))


def configuration_of(kind: ResourceKind, item: Item) -> dict[str, Any]:
    """The members worth keeping, as plain JSON values; what AWS did not say is left out."""
    kept = {name: item.get(name) for name in kind.configuration}
    kept |= {name: search(path, item) for name, path in kind.derived.items()}
    for mention in kind.mentions:
        kept[mention.flag] = item.get(mention.flag)
        kept[mention.into] = item.get(mention.into)
    if item.get(MISSING):
        kept[MISSING] = sorted(item[MISSING])
    return {name: _plain(value) for name, value in sorted(kept.items()) if value is not None}


def looked_up(lookup: Lookup, item: Item) -> float | None:
    """The number of the first row whose pattern fits."""
    text = str(search(lookup.of, item) or "")
    return next((number for pattern, number in lookup.table if re.search(pattern, text)), None)


def mark_mentioned(mention: Mention, sources: Sequence[Item], by_arn: Mapping[str, Item]) -> None:
    """Tell the items what points at them; several mentions of one name add up."""
    pointing: dict[str, set[str]] = {}
    for pair in search(mention.sources, list(sources)) or ():
        if pair["target"]:
            pointing.setdefault(str(pair["target"]), set()).add(str(pair["source"]))
    for arn, item in by_arn.items():
        all_sources = {*item.get(mention.into, ()), *pointing.get(arn, ())}
        item[mention.into] = sorted(all_sources)
        item[mention.flag] = bool(all_sources)


def _dimensions(kind: ResourceKind, item: Item) -> dict[str, str]:
    values = {name: search(path, item) for name, path in kind.dimensions.items()}
    return {name: str(value) for name, value in sorted(values.items()) if value is not None}


def _plain(value: Any) -> Any:
    """Times as ISO text, secrets left out, the rest as it is."""
    if isinstance(value, Mapping):
        return {
            str(name): _plain(inner)
            for name, inner in value.items()
            if inner is not None and not _SECRET.fullmatch(str(name))
        }
    if isinstance(value, (list, tuple, set)):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
