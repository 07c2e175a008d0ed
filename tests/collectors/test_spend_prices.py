"""What counts as the list price of a usage type."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.spend_prices import price_of


def product(*tiers: tuple[str, str], currency: str = "USD", **attributes: str) -> dict[str, Any]:
    dimensions = {
        str(n): {"unit": "GB", "beginRange": start, "pricePerUnit": {currency: usd}}
        for n, (start, usd) in enumerate(tiers)
    }
    return {
        "product": {"attributes": attributes},
        "terms": {"OnDemand": {"t": {"priceDimensions": dimensions}}},
    }


LINUX = product(("0", "0.10"), operatingSystem="Linux", tenancy="Shared", preInstalledSw="NA")
WINDOWS = product(("0", "0.19"), operatingSystem="Windows", tenancy="Shared", preInstalledSw="NA")


@pytest.mark.parametrize(
    ("products", "tiers"),
    [
        pytest.param(
            [product(("10240", "0.085"), ("0", "0.0900000000"))],
            [["0", "0.0900000000"], ["10240", "0.085"]],
            id="tiers in any order",
        ),
        pytest.param([LINUX, WINDOWS], [["0", "0.10"]], id="Linux is meant"),
        pytest.param([LINUX, LINUX], [["0", "0.10"]], id="the same twice"),
        pytest.param([product(("0", "1")), product(("0", "2"))], None, id="who knows which"),
        pytest.param([product(("0", "1"), currency="CNY")], None, id="another currency"),
        pytest.param([product(("5", "1"))], None, id="no price for the first unit"),
        pytest.param([], None, id="no product"),
    ],
)
def test_a_usage_type_has_a_price_where_all_its_products_agree(products, tiers) -> None:
    found = price_of(products)
    assert (found and found["tiers"]) == tiers
