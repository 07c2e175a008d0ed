"""Who may ask: access keys of the two accounts, roles, and temporary credentials.

A key of ours belongs to its account and its signature is checked. Any other
key that contains the id of an account selects that account unchecked, so that
examples need no secret.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from xml.sax.saxutils import escape

from app.demo.answer import Answer
from app.demo.call import Call
from app.demo.refusal import Refused
from app.demo.world.platform import Account

EXTERNAL_ID = "watchdeck-demo"
READER, OPEN = "watchdeck-reader", "watchdeck-open"
_KEYS = {"blog-prod": "AKIAWATCHDECKPROD001", "blog-staging": "AKIAWATCHDECKSTAG001"}
_XMLNS = "https://sts.amazonaws.com/doc/2011-06-15/"
_ROLE = re.compile(r"arn:aws:iam::(\d{12}):role/([\w+=,.@/-]+)")


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key: ``secret`` is empty for keys whose signature is not checked."""

    access_key: str
    account: str
    arn: str
    secret: str = ""
    token: str = ""
    expires: datetime | None = None


class Identities:
    """All credentials, and what STS answers."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        self._accounts = {account.id for account in accounts}
        self._known = {c.access_key: c for c in map(_long_lived, accounts)}
        self._issued = 0
        self._lock = Lock()

    @property
    def long_lived(self) -> list[Credentials]:
        """The keys that exist from the start, one for each account."""
        return [c for c in self._known.values() if not c.token]

    def of(self, access_key: str, token: str, now: datetime) -> Credentials:
        """The credentials behind a key, if they are valid now."""
        known = self._known.get(access_key)
        if known is None:
            return self._unchecked(access_key)
        if known.token != token and known.token:
            raise Refused("InvalidClientTokenId", "The security token is invalid.", 403)
        if known.expires is not None and now >= known.expires:
            raise Refused("ExpiredToken", "The security token included is expired", 403)
        return known

    def _unchecked(self, access_key: str) -> Credentials:
        for account in self._accounts:
            if account in access_key:
                return Credentials(access_key, account, f"arn:aws:iam::{account}:user/demo")
        raise Refused(
            "InvalidClientTokenId", "The security token included in the request is invalid.", 403
        )

    def answer(self, call: Call, who: Credentials, now: datetime) -> Answer:
        """GetCallerIdentity and AssumeRole."""
        if call.operation == "GetCallerIdentity":
            fields = {"Arn": who.arn, "UserId": who.access_key, "Account": who.account}
            return _xml("GetCallerIdentity", _members(fields))
        if call.operation == "AssumeRole":
            return self._assume(call, who, now)
        raise Refused("InvalidAction", f"The pretend STS does not know {call.operation}.")

    def _assume(self, call: Call, who: Credentials, now: datetime) -> Answer:
        role = call.form.get("RoleArn", "")
        found = _ROLE.fullmatch(role)
        name = found[2].rpartition("/")[2] if found else ""
        allowed = found and found[1] in self._accounts and name in {READER, OPEN}
        if name == READER and call.form.get("ExternalId") != EXTERNAL_ID:
            allowed = False
        if not found or not allowed:
            raise Refused(
                "AccessDenied",
                f"User: {who.arn} is not authorized to perform: sts:AssumeRole on resource: {role}",
                403,
            )
        seconds = int(call.form.get("DurationSeconds", "3600"))
        session = call.form.get("RoleSessionName", "session")
        arn = f"arn:aws:sts::{found[1]}:assumed-role/{name}/{session}"
        issued = self._issue(found[1], arn, now + timedelta(seconds=seconds))
        return _xml("AssumeRole", _assumed(issued, session))

    def _issue(self, account: str, arn: str, expires: datetime) -> Credentials:
        with self._lock:
            self._issued += 1
            digest = hashlib.blake2b(f"{arn}/{self._issued}".encode()).hexdigest().upper()
            issued = Credentials(
                "ASIA" + digest[:16], account, arn, digest[16:56], f"token-{digest[56:96]}", expires
            )
            self._known[issued.access_key] = issued
        return issued


def _long_lived(account: Account) -> Credentials:
    arn = f"arn:aws:iam::{account.id}:user/watchdeck"
    return Credentials(_KEYS[account.name], account.id, arn, f"demo-secret-of-{account.name}")


def _assumed(issued: Credentials, session: str) -> str:
    expires = issued.expires.strftime("%Y-%m-%dT%H:%M:%SZ") if issued.expires else ""
    credentials = {
        "AccessKeyId": issued.access_key,
        "SecretAccessKey": issued.secret,
        "SessionToken": issued.token,
        "Expiration": expires,
    }
    user = {"Arn": issued.arn, "AssumedRoleId": f"AROAWATCHDECKDEMO0001:{session}"}
    return (
        f"<Credentials>{_members(credentials)}</Credentials>"
        f"<AssumedRoleUser>{_members(user)}</AssumedRoleUser>"
    )


def _members(fields: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items())


def _xml(operation: str, inner: str) -> Answer:
    text = (
        f'<{operation}Response xmlns="{_XMLNS}"><{operation}Result>{inner}</{operation}Result>'
        f"<ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></{operation}Response>"
    )
    return Answer(200, "text/xml", text.encode())
