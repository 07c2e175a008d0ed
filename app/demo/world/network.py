"""Metrics of NAT gateways: AWS/NATGateway.

What goes through follows how busy the people are. On two days in a row of each month it is
a flood, the same that stands on the bill.
"""

from __future__ import annotations

import numpy as np

from app.demo.world.naming import Published, prefixed
from app.demo.world.noise import Floats, Minutes
from app.demo.world.platform import Nat
from app.demo.world.samples import count, gauge
from app.demo.world.sheet import Sheet
from app.model.sizes import BYTES_A_GB

NAMESPACE = "AWS/NATGateway"
GB_A_DAY, GB_AT_LEAST, FLOOD = 9.0, 2.0, 20.0
_DAY = 1440


def flooded(drawn: Floats, in_month: Minutes) -> Floats:
    """1 on the two days of the flood, 0 on all others; ``drawn`` is one number a month."""
    after = in_month - (7 + np.floor(drawn * 14).astype(np.int64))
    on: Floats = ((after == 0) | (after == 1)).astype(np.float64)
    return on


def nat_metrics(sheet: Sheet, nat: Nat) -> Published:
    """Everything one gateway publishes; one that nobody uses counts zeros."""
    m, sent = sheet.minutes, sheet.level(0.0)
    if nat.used:
        usual = (GB_A_DAY * sheet.demand + GB_AT_LEAST) / _DAY
        sent = np.floor(usual * (1.0 + (FLOOD - 1.0) * _flood(sheet)) * BYTES_A_GB)
    opened = np.floor(sent / 60_000.0)
    measured = {
        "BytesOutToDestination": count(m, np.floor(sent * 0.2)),
        "BytesInFromDestination": count(m, sent - np.floor(sent * 0.2)),
        "ActiveConnectionCount": gauge(m, np.floor(opened / 4.0)),
        "ConnectionAttemptCount": count(m, opened),
        "ConnectionEstablishedCount": count(m, opened),
        "ErrorPortAllocation": count(m, sheet.level(0.0)),
        "PacketsDropCount": count(m, sheet.level(0.0)),
    }
    return prefixed(NAMESPACE, {"NatGatewayId": nat.id}, measured)


def _flood(sheet: Sheet) -> Floats:
    days = (sheet.minutes // _DAY).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    in_month = (days - months.astype("datetime64[D]")).astype(np.int64)
    return flooded(sheet.drawn("nat", months.astype(np.int64)), in_month)
