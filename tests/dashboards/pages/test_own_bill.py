"""What stands above the table of Watchdeck's own calls on the page *Collection*."""

from __future__ import annotations

from app.model.spend import FactKind, SpendFacts
from dashboards.pages.own_bill import own_bill
from dashboards.parts import Seen
from tests.support.shelf import NOW, Shelf
from tests.support.spend import PAYER, fill


def listed(usage_type: str, usd: str, service: str = "EC2 - Other") -> dict[str, object]:
    """A price as the Price List told it."""
    return {"service": service, "usage_type": usage_type, "unit": "GB", "tiers": [["0", usd]]}


def test_shipped_prices_that_aws_lists_otherwise_are_told(shelf: Shelf, seen: Seen) -> None:
    assert "AWS lists other prices" not in str(own_bill(shelf.reads, seen))
    contents = {
        "a": listed("NatGateway-Bytes", "0.05"),
        "b": listed("NatGateway-Hours", "0.046"),
        "c": listed("EUC1-EBS:VolumeUsage.gp3", "0.0952"),
    }
    told = [SpendFacts(FactKind.PRICE, PAYER, NOW, contents)]
    fill(shelf.store, shelf.lease, [], NOW, told)
    assert (
        "AWS lists other prices than are shipped here: NatGateway-Bytes: "
        "0.045 shipped, 0.05 listed on 2026-11-24 (+11 %)'"
    ) in str(own_bill(shelf.reads, seen)).replace('"', "'")
