"""What ``config`` and ``policy`` tell; nothing here asks a network or opens the store."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from pathlib import Path

from app.catalogue import load_catalogue
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
    alarms = len(settings.alarms.metric)
    show.definitions(
        {
            str(path): "is in order",
            "accounts": f"{len(settings.accounts)} with {regions} Regions in all",
            "own alarms": alarms,
            "channels": ", ".join(settings.notifications.channels) or "none",
        }
    )
    return Exit.OK


def policy(settings: Settings, trust: str | None, external_id: str | None) -> None:
    """Print the policy documents, one after the other where there are several."""
    from app.aws.policy import METRIC_ACTIONS, policy_document, trust_policy

    if trust is not None:
        show.as_json(trust_policy(trust, external_id))
        return
    channels = settings.notifications.channels.values()
    documents = policy_document(
        load_catalogue(settings.catalogue.extras).actions() | set(METRIC_ACTIONS),
        publish_topics=[c.topic_arn for c in channels if isinstance(c, SnsSettings)],
        assume_roles=[a.role_arn for a in settings.accounts if a.role_arn],
    )
    show.as_json(documents[0] if len(documents) == 1 else documents)


def password() -> None:
    """Ask twice, print the hash."""
    from app.web.sign_in import hashed

    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Again: "):
        raise ConfigError("the two passwords differ; nothing was printed")
    show.definitions({"hash": hashed(first)})
