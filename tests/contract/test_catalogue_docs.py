"""Each service has its page, and the page says what the file says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.catalogue import load_catalogue
from app.catalogue.page import END, START, main, page
from app.catalogue.schema import Service

DOCS = Path(__file__).parents[2] / "docs" / "services"
CATALOGUE = load_catalogue()
SERVICES = [pytest.param(service, id=service.id) for service in CATALOGUE]


@pytest.mark.parametrize("service", SERVICES)
def test_the_page_is_up_to_date(service: Service) -> None:
    written = (DOCS / f"{service.id}.md").read_text(encoding="utf-8")
    stale = f"run `python -m app.catalogue.page {DOCS.relative_to(DOCS.parents[1])}`"
    assert written == page(service, written), stale


@pytest.mark.parametrize("service", SERVICES)
def test_people_wrote_what_the_tables_cannot_say(service: Service) -> None:
    written = (DOCS / f"{service.id}.md").read_text(encoding="utf-8").partition(START)[0]
    assert written.startswith("# ")
    assert len(written.split()) > 60


@pytest.mark.parametrize("service", SERVICES)
def test_every_metric_and_alarm_is_named(service: Service) -> None:
    written = (DOCS / f"{service.id}.md").read_text(encoding="utf-8")
    for metric in service.metrics:
        assert f"| `{metric.name}`" in written
        assert metric.says in written
    for alarm in service.alarms:
        assert f"| `{alarm.id}` ({alarm.severity.value})" in written


@pytest.mark.parametrize("service", SERVICES)
def test_tables_have_as_many_cells_as_their_head(service: Service) -> None:
    written = (DOCS / f"{service.id}.md").read_text(encoding="utf-8")
    for table in re.split(r"\n\n", written.partition(START)[2].partition(END)[0]):
        rows = [row for row in table.splitlines() if row.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) <= 1


def test_no_page_stands_for_a_service_that_is_gone() -> None:
    assert {path.stem for path in DOCS.glob("*.md")} == set(CATALOGUE.services)


def test_what_people_wrote_stays_when_tables_are_made_anew(tmp_path: Path) -> None:
    mine = f"# Queues\n\nMine.\n\n{START}\n\nold\n\n{END}\n\nAnd an end.\n"
    (tmp_path / "sqs.md").write_text(mine, encoding="utf-8")
    assert main([str(tmp_path)]) == 0
    after = (tmp_path / "sqs.md").read_text(encoding="utf-8")
    assert after.startswith(f"# Queues\n\nMine.\n\n{START}\n\n## Resources\n")
    assert after.endswith(f"{END}\n\nAnd an end.\n")
    assert "\nold\n" not in after


def test_a_folder_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert capsys.readouterr().err == "usage: python -m app.catalogue.page FOLDER\n"
