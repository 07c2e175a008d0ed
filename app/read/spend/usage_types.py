"""Usage types as the bill names them, and the Region that their prefix stands for.

The bill writes ``EUC1-BoxUsage:t3.micro``; in us-east-1 there is mostly no prefix.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

REGION_PREFIXES: Mapping[str, str] = {
    "USE1": "us-east-1",
    "USE2": "us-east-2",
    "USW1": "us-west-1",
    "USW2": "us-west-2",
    "UGW1": "us-gov-west-1",
    "UGE1": "us-gov-east-1",
    "CAN1": "ca-central-1",
    "CAN2": "ca-west-1",
    "MXC1": "mx-central-1",
    "SAE1": "sa-east-1",
    "EU": "eu-west-1",
    "EUW1": "eu-west-1",
    "EUW2": "eu-west-2",
    "EUW3": "eu-west-3",
    "EUC1": "eu-central-1",
    "EUC2": "eu-central-2",
    "EUN1": "eu-north-1",
    "EUS1": "eu-south-1",
    "EUS2": "eu-south-2",
    "APN1": "ap-northeast-1",
    "APN2": "ap-northeast-2",
    "APN3": "ap-northeast-3",
    "APS1": "ap-southeast-1",
    "APS2": "ap-southeast-2",
    "APS3": "ap-south-1",
    "APS4": "ap-southeast-3",
    "APS5": "ap-south-2",
    "APS6": "ap-southeast-4",
    "APS7": "ap-southeast-5",
    "APE1": "ap-east-1",
    "MES1": "me-south-1",
    "MEC1": "me-central-1",
    "ILC1": "il-central-1",
    "AFS1": "af-south-1",
}


HOME = "us-east-1"
"""Where usage types without a prefix are used."""

_LONG = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d|[Gg]lobal)-(.+)")
"""Some services write the Region itself: ``eu-central-1-KMS-Keys``."""


INSTANCE_TYPE = (
    r"[:-]((?:[a-z]+\.)?[a-z][a-z0-9-]*\d[a-z0-9-]*"
    r"\.(?:nano|micro|small|medium|large|xlplus|metal(?:-\d+xl)?|\d*xlarge)"
    r"(?:\.(?:search|elasticsearch))?)$"
)
"""The instance type that a usage type ends with, as in ``EUC1-InstanceUsage:db.t3.micro``."""


def split(usage_type: str) -> tuple[str, str]:
    """The Region of a usage type ("" if it names none) and its name without."""
    prefix, dash, rest = usage_type.partition("-")
    if dash and prefix in REGION_PREFIXES:
        return REGION_PREFIXES[prefix], rest
    named = _LONG.fullmatch(usage_type)
    return (named[1].lower(), named[2]) if named else ("", usage_type)


def in_region(bare: str, region: str) -> str:
    """The usage type as the bill of a Region names it; as it is where the Region has no prefix."""
    prefixes = [prefix for prefix, name in REGION_PREFIXES.items() if name == region]
    return bare if region == HOME or not prefixes else f"{prefixes[0]}-{bare}"
