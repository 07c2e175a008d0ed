"""Statements in the store: one commit or nothing, merged, past retention, damaged, staged."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from app.config import StoreSettings
from app.model.rounds import Batch, Covered, Settledness
from app.model.spend import (
    DAY_S,
    LINE_ITEMS,
    MONTH_S,
    SPEND_ROWS,
    FactKind,
    SpendDimension,
    SpendFacts,
    SpendSource,
    SpendStatement,
    cut_of,
    spend_rows,
    to_units,
    to_usd,
)
from app.model.time import Window
from app.store import Piece, Store, spend_merging, spend_rolling
from tests.store.conftest import Opener
from tests.store.samples import NOW, PROD, Writing, hold
from tests.support.spend import PAYER, Charge, day, days, statement

D = SpendDimension
NOVEMBER = days("2026-11-01", "2026-11-24")


def read(store: Store) -> list[tuple[str, Decimal]]:
    """Day and dollars of everything that statements themselves hold."""
    pieces = [Piece(s.parts[0].id, s.window) for s in store.spend.statements()]
    rows = store.spend.rows(pieces).select("at", "unblended").sort("at", "unblended").collect()
    return [(at.date().isoformat(), to_usd(units)) for at, units in rows.iter_rows()]


def told(start: str, usd: str, read_at: datetime | None = None) -> SpendStatement:
    """One charge on the first of two days."""
    window = Window(day(start), day(start) + timedelta(days=2))
    return statement([Charge(start, usd)], window, read_at or window.end, D.SERVICE)


def test_another_process_sees_a_statement_only_with_its_rows(opener: Opener) -> None:
    writing, other = hold(opener()), opener(writer=False)
    assert other.spend.statements() == ()
    writing.commit(Batch(spend=[told("2026-11-01", "1.5")]))
    assert read(other) == []
    other.refresh()
    assert read(other) == [("2026-11-01", Decimal("1.5"))]
    assert read(writing.store) == [("2026-11-01", Decimal("1.5"))]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"service": None}, "has rows without service; empty is an empty text"),
        ({"at": day("2026-11-03")}, "has rows outside its days"),
    ],
)
def test_rows_that_do_not_fit_their_statement_are_refused(
    writing: Writing, change: dict[str, object], expected: str
) -> None:
    row = {"at": day("2026-11-01"), "service": "AmazonS3", "unblended": "1"} | change
    window = days("2026-11-01", "2026-11-03")
    wrong = SpendStatement(
        SpendSource.CE, PAYER, ("SERVICE",), window, window.end, spend_rows([row])
    )
    with pytest.raises(ValueError, match=expected):
        writing.commit(Batch(spend=[wrong]))
    assert writing.store.spend.statements() == ()


def test_a_failed_commit_leaves_no_file_of_a_staged_statement(
    writing: Writing, settings: StoreSettings
) -> None:
    good = told("2026-11-01", "1")
    intake = writing.store.spend.intake(good)
    intake.add(good.rows)
    wrong = SpendStatement(
        SpendSource.CE, PAYER, ("SERVICE", "SERVICE"), good.window, good.read_at, good.rows
    )
    with pytest.raises(ValueError, match="names each dimension once"):
        writing.commit(Batch(staged_spend=[intake.finished()], spend=[wrong]))
    assert read(writing.store) == []
    assert list(settings.path.rglob("*.parquet")) == []


def test_merging_keeps_every_row_and_every_revision(
    writing: Writing, settings: StoreSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spend_merging, "MANY", 3)
    for number in range(4):
        writing.commit(Batch(spend=[told("2026-11-01", str(number)), told("2026-11-02", "7")]))
    before = read(writing.store)
    writing.store.upkeep.compact(writing.lease, NOW)
    assert read(writing.store) == before
    stats = {t.table: t for t in writing.store.upkeep.stats().tables}["spend"]
    assert (stats.fresh, stats.merged, stats.rows) == (0, 1, 8)
    assert writing.store.upkeep.verify().ok


def test_retention_forgets_whole_months(opener: Opener, settings: StoreSettings) -> None:
    settings.retention["spend"] = timedelta(days=30)
    writing = hold(opener())
    october = statement(
        [Charge("2026-09-30", "1"), Charge("2026-10-01", "2")],
        days("2026-09-30", "2026-10-02"),
        day("2026-10-02"),
        D.SERVICE,
    )
    facts = SpendFacts(FactKind.BUDGET, PAYER, day("2026-09-01"), {"a": {}})
    writing.commit(Batch(spend=[told("2026-09-01", "9"), october], spend_facts=[facts]))
    writing.store.upkeep.retain(writing.lease, NOW)
    assert read(writing.store) == [("2026-10-01", Decimal(2))]
    (left,) = writing.store.spend.statements()
    assert left.window == days("2026-10-01", "2026-10-02")
    assert writing.store.spend.facts(FactKind.BUDGET) == []
    writing.store.upkeep.retain(writing.lease, NOW + timedelta(days=60))
    assert writing.store.spend.statements() == ()
    assert {t.table: t.rows for t in writing.store.upkeep.stats().tables}["spend"] == 0


@pytest.mark.parametrize("merged", [False, True])
def test_what_a_damaged_segment_told_is_asked_again_and_older_statements_hold(
    opener: Opener, settings: StoreSettings, monkeypatch: pytest.MonkeyPatch, merged: bool
) -> None:
    writing = hold(opener())
    writing.commit(Batch(spend=[told("2026-11-01", "1")]))
    if merged:
        monkeypatch.setattr(spend_merging, "MANY", 2)
    kept = set(settings.path.rglob("*.parquet"))
    covered = Covered(PROD, "spend/SERVICE", days("2026-11-05", "2026-11-07"), Settledness.SETTLED)
    newer = [told("2026-11-05", "5"), told("2026-11-01", "2", NOW)]
    writing.commit(Batch(spend=newer, covered=[covered]))
    if merged:
        writing.store.upkeep.compact(writing.lease, NOW)
    pattern = "merged-*.parquet" if merged else "*.parquet"
    (path,) = set(settings.path.rglob(pattern)) - kept
    path.write_bytes(path.read_bytes()[:-20])
    again = opener()
    assert len(again.opened.quarantined) == 1
    left = [] if merged else [("2026-11-01", Decimal(1))]
    assert read(again) == left
    assert not again.coverage(PROD, "spend/SERVICE").answered


def test_a_large_statement_has_sums_that_tell_what_its_rows_tell(
    writing: Writing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spend_rolling, "LARGE", 100)
    charges = [
        Charge(
            (NOVEMBER.start + timedelta(days=n)).date().isoformat(),
            f"0.{n}{account}",
            service=f"S{account % 2}",
            usage_type=f"U{kind}",
            account=f"{account}",
            resource=f"r{account}",
            tags={"team": f"t{account % 3}"} if account % 3 else {},
            estimated=n == 22,
        )
        for n in range(23)
        for account in range(8)
        for kind in range(2)
    ]
    given = statement(charges, NOVEMBER, NOW, source=SpendSource.CUR)
    intake = writing.store.spend.intake(given)
    for piece in given.rows.iter_slices(50):
        intake.add(piece)
    writing.commit(Batch(staged_spend=[intake.finished()]))
    (known,) = writing.store.spend.statements()
    assert known.parts[0].cut == LINE_ITEMS
    assert known.parts[0].rows == len(charges)
    cuts = {(part.cut, part.period): part for part in known.parts}
    monthly = cuts[cut_of(D.LINKED_ACCOUNT, D.SERVICE, D.USAGE_TYPE, D.RESOURCE), MONTH_S]
    assert monthly.rows == 16
    whole = sum(to_units(charge.usd) for charge in charges)
    for part in known.parts:
        rows = writing.store.spend.rows([Piece(part.id, NOVEMBER)]).collect()
        assert rows["unblended"].sum() == whole
        assert rows.height == part.rows
        assert rows["estimated"].any()
    by_team = cuts[("LINKED_ACCOUNT", "SERVICE", "TAG:team"), DAY_S]
    rows = writing.store.spend.rows([Piece(by_team.id, NOVEMBER)]).collect()
    assert set(rows["tag_value"]) == {"", "t1", "t2"}
    assert rows.filter(tag_value="")["account"].unique().sort().to_list() == ["0", "3", "6"]


def test_sums_that_do_not_fit_are_an_error_and_never_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spend_rolling, "LARGE", 1)
    rows = spend_rows([{"at": day("2026-11-01"), "service": "S", "unblended": "90000000"}] * 3)
    roll = spend_rolling.Roll(("service",), 86_400)
    with pytest.raises(pl.exceptions.InvalidOperationError):
        spend_rolling.summed([rows], roll, day("2026-11-01"))


def test_rows_are_told_in_the_columns_of_the_model() -> None:
    assert spend_rows([]).schema == pl.Schema(dict(SPEND_ROWS))


def test_a_segment_is_not_read_for_days_that_it_does_not_hold(
    writing: Writing, settings: StoreSettings
) -> None:
    writing.commit(Batch(spend=[told("2026-11-01", "1")]))
    first: set[Path] = set(settings.path.rglob("*.parquet"))
    writing.commit(Batch(spend=[told("2026-11-05", "2")]))
    for path in first:
        path.unlink()
    (_, second) = writing.store.spend.statements()
    rows = writing.store.spend.rows([Piece(second.parts[0].id, second.window)])
    assert rows.collect()["unblended"].to_list() == [to_units("2")]
