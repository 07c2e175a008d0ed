"""Files of a bill as frames of lines, some hundred thousand at a time.

Parquet and CSV, the latter plain, gzipped or in a ZIP as the oldest reports are.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import polars as pl

from app.model.time import Window, from_epoch_ms
from collectors import bill_cur
from collectors.bill_manifest import whole_month
from collectors.bill_rows import Form, form_of
from collectors.bill_values import when
from collectors.log_unpacking import Unreadable

AT_ONCE = 250_000
SUFFIXES = (".parquet", ".csv", ".csv.gz", ".csv.zip", ".zip")
NULLS = ["", "NULL", "null"]
_PRODUCT = "product"
_PRODUCTS = 100_000

Content = Path | bytes


class BillFile:
    """One file, read as a bill; Unreadable if it is none."""

    def __init__(self, name: str, content: Content) -> None:
        self.name = name
        self._scan = _scanned(name, content)
        try:
            columns = self._scan.collect_schema().names()
        except pl.exceptions.PolarsError as error:
            raise Unreadable(f"it is damaged or no such file ({_first_line(error)})") from None
        form = form_of(columns)
        if form is None:
            raise Unreadable(
                "it is no Cost and Usage Report and no FOCUS export: it has neither the columns "
                "line_item_usage_start_date and line_item_unblended_cost nor ChargePeriodStart, "
                "ChargePeriodEnd and BilledCost"
            )
        self.form = self._with_services(form, columns)

    def lines(self) -> Iterator[pl.DataFrame]:
        """The lines with the columns that count, under our names for them."""
        wanted = self._scan.select(
            pl.col(theirs).alias(ours) for ours, theirs in self.form.names.items()
        )
        try:
            for some in wanted.collect_batches(chunk_size=AT_ONCE, engine="streaming"):
                self._check_currency(some)
                yield some
        except pl.exceptions.PolarsError as error:
            raise Unreadable(f"it is damaged ({_first_line(error)})") from None

    def days(self) -> Window | None:
        """From the month of the first charge to the end of that of the last; None without any."""
        start = self.form.meaning.period[0]
        theirs = self._scan.select(pl.col(self.form.names[start]).alias(start))
        lines = theirs.unique().collect(engine="streaming")
        if lines.is_empty():
            return None
        at = lines.select(when(lines, start).alias("at"))["at"]
        if at.null_count():
            wrong = lines[start].filter(at.is_null())[0]
            raise Unreadable(f"a charge begins at `{wrong}`, which is no time")
        first, last = at.dt.epoch("ms").sort()[[0, -1]].to_list()
        return Window(whole_month(from_epoch_ms(first)).start, whole_month(from_epoch_ms(last)).end)

    def _check_currency(self, some: pl.DataFrame) -> None:
        name = self.form.meaning.currency
        if name not in some.columns:
            return
        other = [c for c in some[name].drop_nulls().unique().to_list() if c not in ("USD", "")]
        if other:
            raise Unreadable(f"its amounts are in {', '.join(sorted(other))}; only USD is read")

    def _with_services(self, form: Form, columns: list[str]) -> Form:
        """Names of products that only the map of a CUR 2.0 tells, for codes not known here."""
        code = form.names.get(bill_cur.CODE)
        if code is None or _PRODUCT not in columns or bill_cur.NAME in form.names:
            return form
        found = (
            self._scan.select(pl.col(code).alias("code"), pl.col(_PRODUCT).alias("product"))
            .filter(~pl.col("code").is_in(list(bill_cur.SERVICES)))
            .unique("code", keep="any")
            .head(_PRODUCTS)
            .collect(engine="streaming")
        )
        names = {row["code"]: _product_name(row["product"]) for row in found.iter_rows(named=True)}
        return replace(form, services={code: name for code, name in names.items() if code and name})


def _product_name(product: object) -> str:
    """``product_name`` of a map, be it pairs or JSON."""
    if isinstance(product, list):
        return next((str(p["value"] or "") for p in product if p["key"] == "product_name"), "")
    if isinstance(product, str):
        try:
            told = orjson.loads(product)
        except orjson.JSONDecodeError:
            return ""
        return str(told.get("product_name") or "") if isinstance(told, dict) else ""
    return ""


def _scanned(name: str, content: Content) -> pl.LazyFrame:
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    if name.endswith(".parquet"):
        return pl.scan_parquet(source, glob=False, hive_partitioning=False)
    if name.endswith(".zip"):
        source = _unzipped(source)
    # As text, so that amounts are exact and ids keep their zeros.
    return pl.scan_csv(source, infer_schema=False, null_values=NULLS, glob=False)


def _unzipped(source: io.BytesIO | Path) -> io.BytesIO:
    try:
        with zipfile.ZipFile(source) as archive:
            names = [n for n in archive.namelist() if n.endswith(".csv")]
            if len(names) != 1:
                raise Unreadable(f"the ZIP holds {len(names)} CSV files instead of one")
            return io.BytesIO(archive.read(names[0]))
    except zipfile.BadZipFile:
        raise Unreadable("it is no ZIP file") from None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
