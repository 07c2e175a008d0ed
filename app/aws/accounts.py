"""One account: how to sign in, which Region answers, and its SDK clients.

Sessions and clients are made when first needed. Reading the service models is
what costs memory, so all sessions share one loader, and the pool keeps the
clients used last.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.credentials import CredentialResolver, Credentials
from botocore.loaders import Loader

from app.aws.actions import answering_region
from app.aws.credentials import SESSION, FixedProvider, RoleCredentials, Session
from app.aws.whole import watch
from app.config import AccountSettings
from app.model.ids import Place

CONNECT_TIMEOUT, READ_TIMEOUT = 5, 30
CLIENTS, CONNECTIONS = 256, 8

Client = Any
"""botocore makes its client classes at run time."""

OnAssume = Callable[["Account", Callable[[], Session]], Session]
"""Wraps the AssumeRole call, so that it is metered like any other."""


class Account:
    """The session of one configured account."""

    def __init__(
        self, settings: AccountSettings, loader: Loader, on_assume: OnAssume, now: Callable[[], Any]
    ) -> None:
        self.settings = settings
        self._loader, self._on_assume, self._now = loader, on_assume, now
        self._lock = threading.RLock()
        self._session: botocore.session.Session | None = None
        self._role: RoleCredentials | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(Place(self.settings.id, region) for region in self.settings.regions)

    def secrets(self) -> list[str]:
        """Texts that no message may hold."""
        settings = self.settings
        hidden = (settings.secret_access_key, settings.session_token, settings.external_id)
        found = [secret.reveal() for secret in hidden if secret is not None]
        if self._role is not None:
            found += [self._role.secret_key, self._role.token or ""]
        return [*found, settings.access_key_id or ""]

    def client(self, api: str, region: str) -> Client:
        """A new client; ``region`` is where the signature is for."""
        with self._lock:
            client = self._signed_in().create_client(
                api,
                region_name=region,
                endpoint_url=self.settings.endpoint,
                config=_client_config(),
            )
        watch(client)
        return client

    def credentials(self) -> Credentials | None:
        """What requests are signed with, None if there is nothing."""
        with self._lock:
            return self._signed_in().get_credentials()

    def forget_session(self) -> bool:
        """Ask for new keys next time; False where keys are fixed and nothing can be done."""
        with self._lock:
            if self._role is not None:
                self._role.forget()
                return True
            if self.settings.access_key_id is None:
                self._session = None
                return True
            return False

    def _signed_in(self) -> botocore.session.Session:
        if self._session is None:
            self._session = self._with_role() if self.settings.role_arn else self._base()
        return self._session

    def _base(self) -> botocore.session.Session:
        settings = self.settings
        session = self._new_session(settings.profile)
        if settings.access_key_id and settings.secret_access_key:
            token = settings.session_token.reveal() if settings.session_token else None
            session.set_credentials(
                settings.access_key_id, settings.secret_access_key.reveal(), token
            )
        return session

    def _with_role(self) -> botocore.session.Session:
        base = self._base()
        self._role = RoleCredentials(
            lambda: self._on_assume(self, lambda: self._assume(base)), self._now
        )
        session = self._new_session(None)
        session.register_component(
            "credential_provider", CredentialResolver([FixedProvider(self._role)])
        )
        return session

    def _assume(self, base: botocore.session.Session) -> Session:
        settings = self.settings
        sts = base.create_client(
            "sts",
            region_name=settings.regions[0],
            endpoint_url=settings.endpoint,
            config=_client_config(),
        )
        params = {
            "RoleArn": settings.role_arn,
            "RoleSessionName": "watchdeck",
            "DurationSeconds": int(SESSION.total_seconds()),
        }
        if settings.external_id is not None:
            params["ExternalId"] = settings.external_id.reveal()
        keys = sts.assume_role(**params)["Credentials"]
        return Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])

    def _new_session(self, profile: str | None) -> botocore.session.Session:
        session = botocore.session.Session(profile=profile)
        session.register_component("data_loader", self._loader)
        return session


class Accounts:
    """All configured accounts and a pool of their clients; thread-safe."""

    def __init__(
        self, settings: Sequence[AccountSettings], *, on_assume: OnAssume, now: Callable[[], Any]
    ) -> None:
        self.loader = botocore.session.Session().get_component("data_loader")
        self._accounts = {s.id: Account(s, self.loader, on_assume, now) for s in settings}
        self._clients: OrderedDict[tuple[str, str, str], Client] = OrderedDict()
        self._lock = threading.RLock()

    def places(self) -> tuple[Place, ...]:
        return tuple(place for account in self._accounts.values() for place in account.places)

    def get(self, account: str) -> Account:
        return self._accounts[account]

    def client(self, place: Place, api: str) -> Client:
        """The client that answers for ``place``; global APIs are asked at home."""
        region = answering_region(api, place.region)
        key = (place.account, region, api)
        with self._lock:
            client = self._clients.get(key)
            if client is None:
                client = self._clients[key] = self.get(place.account).client(api, region)
                if len(self._clients) > CLIENTS:
                    self._clients.popitem(last=False)
            self._clients.move_to_end(key)
            return client

    def sign_in_again(self, account: str) -> bool:
        """Drop what was signed in; False where the keys are fixed."""
        with self._lock:
            if not self.get(account).forget_session():
                return False
            for key in [k for k in self._clients if k[0] == account]:
                del self._clients[key]
            return True


def _client_config() -> Config:
    return Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        max_pool_connections=CONNECTIONS,
        user_agent_extra="watchdeck",
        tcp_keepalive=True,
    )
