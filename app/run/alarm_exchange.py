"""``watchdeck alarms import`` and ``export``: alarms from one form into another."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from alerts.exchange import FORMS, write_text
from app.aws import Aws, Meter
from app.config import Settings
from app.config.mistakes import suggestion
from app.model.alarms import Origin
from app.model.errors import ConfigError
from app.model.ids import Place
from app.run.alarm_files import found_in, place_of
from app.run.clock import utc_now
from app.run.report_alarms import named
from app.run.report_store import opened
from collectors.alarms import described


def import_(
    settings: Settings, file: str | None, place: str | None, form: str, output: Path | None
) -> None:
    """The alarms of a file, or of an account, in one of the forms (settings if nothing is said)."""
    _known(form)
    where = place_of(settings, place)
    if file is None:
        alarms, notes = _of_account(settings, where)
    else:
        found = found_in(Path(file), where)
        alarms, notes = found.alarms, found.notes
    _note(notes)
    _written(write_text(form, alarms, where), output)


def export(settings: Settings, name: str | None, form: str, output: Path | None) -> None:
    """Alarms that Watchdeck judges, in one of the forms, without those of AWS and of budgets."""
    _known(form)
    with opened(settings) as store:
        known = store.ledger.definitions()
    elsewhere = (Origin.ACCOUNT, Origin.BUDGET)
    chosen = [named(known, name)] if name else [d for d in known if d.origin not in elsewhere]
    if not chosen:
        raise ConfigError("there is no alarm to export yet; `watchdeck alarms list` shows all")
    _written(write_text(form, [each.put for each in chosen], chosen[0].place), output)


def _of_account(
    settings: Settings, place: Place
) -> tuple[Sequence[Mapping[str, Any]], Sequence[str]]:
    meter = Meter(Decimal(settings.collection.budget_usd_per_month), now=utc_now)
    aws = Aws(settings.accounts, meter=meter, now=utc_now)
    alarms, cut = described(aws, place, utc_now())
    return [each.put for each in alarms], [cut] if cut else []


def _known(form: str) -> None:
    if form not in FORMS:
        raise ConfigError(f"--format {form}: there is no such form; {suggestion(form, [*FORMS])}")


def _note(notes: Sequence[str]) -> None:
    for note in notes:
        sys.stderr.write(f"watchdeck: {note}\n")


def _written(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write {output}: {error.strerror}") from error
