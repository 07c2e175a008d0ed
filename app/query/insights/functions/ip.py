"""Functions of IP addresses.

Source: Amazon CloudWatch Logs User Guide, "Supported operations and functions".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

import polars as pl

from app.query.insights.functions.entry import Build, Clock, Function
from app.query.insights.functions.rowwise import each_text, each_texts
from app.query.insights.values import Value, boolean, number

Address = IPv4Address | IPv6Address
_PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))


def address(written: str) -> Address | None:
    """The address that a text is, or None."""
    try:
        return ip_address(written)
    except ValueError:
        return None


def network(written: str) -> IPv4Network | IPv6Network | None:
    """The range that a CIDR text is, host bits ignored, or None."""
    try:
        return ip_network(written, strict=False)
    except ValueError:
        return None


def _each(holds: Callable[[Address], bool]) -> Build:
    def apply(written: str) -> bool:
        found = address(written)
        return found is not None and holds(found)

    return lambda arguments, clock: boolean(each_text(arguments[0].text(), apply, pl.Boolean()))


def _subnet(versions: tuple[int, ...]) -> Build:
    def apply(written: str, cidr: str) -> bool:
        found, among = address(written), network(cidr)
        if found is None or among is None or found.version not in versions:
            return False
        return found.version == among.version and found in among

    def build(arguments: Sequence[Value], clock: Clock) -> Value:
        return boolean(each_texts(arguments, apply, pl.Boolean()))

    return build


def _is_private(found: Address) -> bool:
    return isinstance(found, IPv4Address) and any(found in among for among in _PRIVATE)


def _is_reserved(found: Address) -> bool:
    return not _is_private(found) and (not found.is_global or found.is_multicast)


def _number(written: str) -> float | None:
    found = address(written)
    return float(int(found)) if isinstance(found, IPv4Address) else None


FUNCTIONS = (
    Function("isValidIp", 1, 1, "Whether it is an address.", _each(lambda a: True)),
    Function(
        "isValidIpV4", 1, 1, "Whether it is an IPv4 address.", _each(lambda a: a.version == 4)
    ),
    Function(
        "isValidIpV6", 1, 1, "Whether it is an IPv6 address.", _each(lambda a: a.version == 6)
    ),
    Function("isIpInSubnet", 2, 2, "Whether it lies in a CIDR range.", _subnet((4, 6))),
    Function("isIpv4InSubnet", 2, 2, "Whether an IPv4 address lies in a range.", _subnet((4,))),
    Function("isIpv6InSubnet", 2, 2, "Whether an IPv6 address lies in a range.", _subnet((6,))),
    Function(
        "ipv4ToNumber",
        1,
        1,
        "The address as one number.",
        lambda arguments, clock: number(each_text(arguments[0].text(), _number, pl.Float64())),
    ),
    Function("isPrivateIP", 1, 1, "Whether it is an address of RFC 1918.", _each(_is_private)),
    Function(
        "isPublicIP",
        1,
        1,
        "Whether it is reachable from everywhere.",
        _each(lambda a: a.is_global and not a.is_multicast),
    ),
    Function("isReservedIP", 1, 1, "Whether it is set aside for special use.", _each(_is_reserved)),
)
