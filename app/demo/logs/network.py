"""Lines of the network: VPC flow logs in version 2, and Route 53's query log."""

from __future__ import annotations

import numpy as np
import polars as pl

from app.demo.logs.requests import minute_of, rows_of
from app.demo.logs.text import Draws, chosen, filled, stamped
from app.demo.world.platform import hex_id
from app.demo.world.sheet import Sheet

ZONE = "Z0412345WATCHDECK001"
DOMAIN = "blog.example.com"
_FLOWS, _LOOKUPS = 10.0, 7.0
_PORTS = (443, 443, 443, 5432, 8080, 22, 9200, 53)
_FLOW = (
    "2 <<account>> <<interface>> <<source>> <<target>> <<source_port>> <<target_port>> "
    "<<protocol>> <<packets>> <<bytes>> <<begin>> <<end>> <<action>> OK"
)
_QUERY = "1.0 <<time>> <<zone>> <<name>> <<type>> <<code>> <<transport>> <<edge>> <<resolver>> -"


def flow_lines(sheet: Sheet) -> pl.DataFrame:
    """Flows of a minute each. Scanners are rejected, and so are some answers to accepted ones."""
    scale = sheet.deployment.scale
    flows = sheet.count("flows", _FLOWS * sheet.demand + 0.5 * scale)
    numbers, _ = rows_of(sheet, [flows.astype(np.int64)])
    draws = Draws(sheet.draws("logs/flows", numbers))
    interfaces = [f"eni-{hex_id(str(sheet.deployment.place), str(n))}" for n in range(4)]
    refused = draws.uniform("action") < 0.07
    packets = draws.below("packets", 60) + 1
    peers = pl.DataFrame({"a": draws.below("a", 200) + 20, "b": draws.below("b", 250)})
    own = pl.DataFrame({"a": draws.below("interface", 4) + 10})
    port = np.where(refused, draws.below("scan", 60_000) + 1024, 0)
    usual = np.array(_PORTS)[draws.below("port", len(_PORTS))]
    begin = minute_of(numbers) * 60 + draws.below("begin", 5)
    rows = pl.DataFrame(
        {
            "at": begin * 1000,
            "mark": draws.rows,
            "account": pl.Series([sheet.deployment.account.id] * len(numbers), dtype=pl.String),
            "interface": chosen(interfaces, draws.below("interface", 4)),
            "source": peers.select(filled("198.51.<<a>>.<<b>>").alias("text"))["text"],
            "target": own.select(filled("10.0.1.<<a>>").alias("text"))["text"],
            "source_port": draws.below("source", 28_000) + 32_768,
            "target_port": np.where(refused, port, usual),
            "protocol": np.where(draws.uniform("udp") < 0.1, 17, 6),
            "packets": packets,
            "bytes": packets * (52 + draws.below("bytes", 900)),
            "begin": begin,
            "end": begin + 52 + draws.below("end", 8),
            "action": chosen(("ACCEPT", "REJECT"), refused.astype(np.int64)),
        }
    )
    both = pl.concat([_flow(rows, 400), _flow(_cut_off(rows), 401)])
    return both.sort("at", "mark", "part")


def _flow(rows: pl.DataFrame, part: int) -> pl.DataFrame:
    return rows.select(
        "at",
        pl.concat_str("interface", pl.lit("-all")).alias("stream"),
        filled(_FLOW).alias("message"),
        "mark",
        pl.lit(part, dtype=pl.Int64).alias("part"),
    )


def _cut_off(rows: pl.DataFrame) -> pl.DataFrame:
    """Answers that a network ACL rejects although the question was accepted, now and then."""
    asked = (pl.col("target_port") == 22) & (pl.col("action") == "ACCEPT")
    return rows.filter(asked & (pl.col("mark") % 5 == 0)).with_columns(
        source=pl.col("target"),
        target=pl.col("source"),
        source_port=pl.col("target_port"),
        target_port=pl.col("source_port"),
        packets=4,
        bytes=336,
        action=pl.lit("REJECT"),
    )


def dns_lines(sheet: Sheet) -> pl.DataFrame:
    """Answers of the hosted zone; its log group can only be in us-east-1."""
    lookups = sheet.count("dns", _LOOKUPS * sheet.demand)
    numbers, _ = rows_of(sheet, [lookups.astype(np.int64)])
    draws = Draws(sheet.draws("logs/dns", numbers))
    unknown = draws.uniform("code") < 0.03
    address = pl.DataFrame({"a": draws.below("a", 250), "b": draws.below("b", 250)})
    names = np.where(unknown, 4, draws.below("name", 4))
    hosts = tuple(f"{h}{DOMAIN}" for h in ("", "www.", "api.", "feed.", "wpad."))
    rows = pl.DataFrame(
        {
            "at": minute_of(numbers) * 60_000 + draws.below("at", 60) * 1000,
            "mark": draws.rows,
            "zone": pl.Series([ZONE] * len(numbers), dtype=pl.String),
            "name": chosen(hosts, names),
            "type": draws.pick("type", ("A", "A", "AAAA", "HTTPS")),
            "code": chosen(("NOERROR", "NXDOMAIN"), unknown.astype(np.int64)),
            "transport": draws.pick("transport", ("UDP", "UDP", "UDP", "TCP")),
            "edge": draws.pick("edge", ("FRA50-C1", "FRA50-C1", "IAD89-P2", "DUB2-C1")),
            "resolver": address.select(filled("192.0.<<a>>.<<b>>").alias("text"))["text"],
        }
    ).with_columns(time=stamped("at", "%Y-%m-%dT%H:%M:%SZ"))
    return rows.select(
        "at",
        pl.concat_str(pl.lit(f"{ZONE}/"), "edge").alias("stream"),
        filled(_QUERY).alias("message"),
        "mark",
        pl.lit(410, dtype=pl.Int64).alias("part"),
    )
