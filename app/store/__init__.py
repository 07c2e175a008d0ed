"""The store: commits in, LazyFrames and plain values out. Start with :func:`open_store`."""

from __future__ import annotations

from app.store.commit import Committed
from app.store.coverage import Coverage
from app.store.findings import Findings
from app.store.head import Grid, Head
from app.store.lease import Lease
from app.store.ledger import Ledger
from app.store.log_keys import Keys, keys_inside, keys_of_equal
from app.store.log_known import MINUTE_MS, WORD, WORDS
from app.store.log_reader import LogReader
from app.store.log_segments import LogSegment
from app.store.meter import MeterBook
from app.store.objects import Objects
from app.store.opening import open_store
from app.store.queries import QueryBook, QueryDay
from app.store.repair import Damage, Repaired
from app.store.resources import ResourceChange, Resources
from app.store.rounds import Rounds
from app.store.series import SeriesIndex
from app.store.spend import Part, Piece, SpendBook, Statement
from app.store.spend_intake import Intake
from app.store.statistics import Stats, TableStats
from app.store.store import Store
from app.store.trace_reader import TraceReader
from app.store.upkeep import Compacted, Retained, Upkeep, Verified

__all__ = [
    "MINUTE_MS",
    "WORD",
    "WORDS",
    "Committed",
    "Compacted",
    "Coverage",
    "Damage",
    "Findings",
    "Grid",
    "Head",
    "Intake",
    "Keys",
    "Lease",
    "Ledger",
    "LogReader",
    "LogSegment",
    "MeterBook",
    "Objects",
    "Part",
    "Piece",
    "QueryBook",
    "QueryDay",
    "Repaired",
    "ResourceChange",
    "Resources",
    "Retained",
    "Rounds",
    "SeriesIndex",
    "SpendBook",
    "Statement",
    "Stats",
    "Store",
    "TableStats",
    "TraceReader",
    "Upkeep",
    "Verified",
    "keys_inside",
    "keys_of_equal",
    "open_store",
]
