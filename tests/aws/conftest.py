"""Doors to a wire that each test scripts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from app.aws import Aws, Meter, RetryPolicy
from app.config import AccountSettings, Secret
from app.model.ids import Place
from tests.support.moment import Moment

ACCOUNT = "123456789012"
PLACE = Place(ACCOUNT, "eu-central-1")

MakeAws = Callable[..., Aws]


@pytest.fixture
def moment() -> Moment:
    return Moment()


@pytest.fixture
def make_aws(moment: Moment) -> MakeAws:
    """Aws for one account at an address; keywords change the account."""

    def make(url: str, *, cap: str = "50", attempts: int = 6, **changes: object) -> Aws:
        settings: dict[str, object] = {
            "id": ACCOUNT,
            "name": "shop",
            "regions": [PLACE.region],
            "access_key_id": "AKIAEXAMPLEKEY000001",
            "secret_access_key": Secret("a-made-up-secret-key"),
            "endpoint": url,
        }
        return Aws(
            [AccountSettings(**{**settings, **changes})],
            meter=Meter(Decimal(cap), now=moment.now),
            now=moment.now,
            sleep=moment.sleep,
            monotonic=moment.monotonic,
            retry=RetryPolicy(attempts=attempts, chance=lambda: 1.0),
        )

    return make
