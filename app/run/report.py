"""What ``config`` and ``policy`` tell; nothing here asks a network or opens the store."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from pathlib import Path

from app.aws.policy import (
    ALARM_ACTIONS,
    LOG_ACTIONS,
    METRIC_ACTIONS,
    SPEND_ACTIONS,
    TRACE_ACTIONS,
    policy_document,
    trust_policy,
)
from app.catalogue import Catalogue, load_catalogue
from app.config import ConfigMistakes, Settings, SnsSettings
from app.model.errors import ConfigError
from app.run import show
from app.run.check import load_checked
from app.run.exits import Exit


def config_check(path: Path, env: Mapping[str, str], *, json: bool) -> int:
    """Tell every mistake, or that there is none."""
    try:
        settings = load_checked(path, env)
    except ConfigMistakes as error:
        if not json:
            raise
        show.as_json({"ok": False, "mistakes": error.mistakes})
        return Exit.USAGE
    if json:
        show.as_json({"ok": True, "mistakes": []})
        return Exit.OK
    regions = sum(len(account.regions) for account in settings.accounts)
    alarms = len(settings.alarms.metric) + len(settings.alarms.others)
    show.definitions(
        {
            str(path): "is in order",
            "accounts": f"{len(settings.accounts)} with {regions} Regions in all",
            "own alarms": alarms,
            "channels": ", ".join(settings.notifications.channels) or "none",
        }
    )
    return Exit.OK


def policy(settings: Settings, trust: str | None, external_id: str | None, *, hub: bool) -> None:
    """Print the policy documents: one, or a list where IAM's limit of size makes it several."""
    if trust is not None:
        show.as_json(trust_policy(trust, external_id))
        return
    if hub:
        roles = sorted({a.role_arn for a in settings.accounts if a.role_arn})
        bucket = settings.store.bucket
        documents = policy_document((), assume_roles=roles, buckets=[bucket] if bucket else [])
    else:
        channels = settings.notifications.channels.values()
        topics = [c.topic_arn for c in channels if isinstance(c, SnsSettings)]
        read = [f.at for f in settings.collection.logs.files]
        read += [b.at for b in settings.collection.spend.bills]
        files = sorted({at for at in read if at.startswith("s3://")})
        documents = policy_document(_actions(settings), publish_topics=topics, read_buckets=files)
    show.as_json(documents[0] if len(documents) == 1 else documents)


def _actions(settings: Settings) -> set[str]:
    services = load_catalogue(settings.catalogue.extras).services
    wanted = settings.collection.services
    chosen = {i: s for i, s in services.items() if wanted == "all" or i in wanted}
    logs = LOG_ACTIONS if settings.collection.logs.groups else frozenset()
    alarms = ALARM_ACTIONS if settings.collection.alarms else frozenset()
    traces = TRACE_ACTIONS if settings.collection.traces.xray else frozenset()
    asked = METRIC_ACTIONS | logs | alarms | traces | _spend_actions(settings)
    return Catalogue(chosen).actions() | asked


def _spend_actions(settings: Settings) -> frozenset[str]:
    spend = settings.collection.spend
    if not spend.payers:
        return frozenset()
    paid = {"costs", *(["rightsizing"] if spend.rightsizing else [])}
    read = {*spend.read, *(paid if spend.requests_per_day else ())}
    return frozenset().union(*(SPEND_ACTIONS[name] for name in read))


def password() -> None:
    """Ask twice, print the hash."""
    from app.web.sign_in import hashed

    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Again: "):
        raise ConfigError("the two passwords differ; nothing was printed")
    show.definitions({"hash": hashed(first)})
