"""The Price List API: products of one usage type, from the tariff that the bill is made with."""

from __future__ import annotations

import json
from datetime import datetime

from app.demo.refusal import Refused
from app.demo.spend.book import SpendBook
from app.demo.spend.tariff import AMERICA, EUROPE, PRICES, price, usage_type
from app.demo.telemetry.fields import Request, items, mapping, text

Json = dict[str, object]

_OWN = {"SNS": "AmazonSNS", "DDB": "AmazonDynamoDB", "S3": "AmazonS3", "Logs": "AmazonCloudWatch"}
"""Whose usage type it is, where two services share a name."""


def get_products(book: SpendBook, account: str, request: Request, now: datetime) -> Json:
    """One product for a usage type that is known, none for others."""
    code = text(request.get("ServiceCode"))
    if not code:
        raise Refused("InvalidParameterException", "ServiceCode must not be empty")
    wanted = [
        text(each.get("Value"))
        for each in map(mapping, items(request.get("Filters")))
        if text(each.get("Field")) == "usagetype"
    ]
    products = [
        json.dumps(_product(code, key, region))
        for region in (AMERICA, EUROPE)
        for key in PRICES
        if usage_type(key, region) in wanted and _sells(code, key)
    ]
    return {"FormatVersion": "aws_v1", "PriceList": products}


def _sells(code: str, key: str) -> bool:
    return _OWN.get(key.partition(":")[0], code) == code


def _product(code: str, key: str, region: str) -> Json:
    dimension = {
        "unit": "Units",
        "beginRange": "0",
        "endRange": "Inf",
        "description": key,
        "pricePerUnit": {"USD": f"{price(key, region):.10f}"},
    }
    term = {"offerTermCode": "JRTCKXETXF", "priceDimensions": {"TIER.1": dimension}}
    attributes = {
        "servicecode": code,
        "usagetype": usage_type(key, region),
        "regionCode": region,
        "operatingSystem": "Linux",
        "tenancy": "Shared",
    }
    return {
        "product": {"productFamily": "Usage", "attributes": attributes, "sku": "SKU"},
        "serviceCode": code,
        "terms": {"OnDemand": {"SKU.TERM": term}},
        "version": "20261101000000",
    }
