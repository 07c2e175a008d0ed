"""An account of the pretend AWS, as settings tell it."""

from __future__ import annotations

from app.config import AccountSettings, Secret
from app.demo.endpoint import Endpoint
from app.model.ids import Place


def account_at(endpoint: Endpoint, place: Place) -> AccountSettings:
    """The account of ``place`` with its own keys, asked at ``endpoint`` in that Region alone."""
    keys = next(each for each in endpoint.credentials if each.account == place.account)
    return AccountSettings(
        id=place.account,
        name="blog-prod",
        regions=[place.region],
        access_key_id=keys.access_key,
        secret_access_key=Secret(keys.secret),
        endpoint=endpoint.url,
    )
