"""Pages are whole: links resolve, services are described, and nothing foreign stands in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.catalogue import load_catalogue
from tests.docs.pages import ROOT, anchors, images, links, pages, tracked

PAGES = pages()

_FORBIDDEN = (
    r"/(?:work|farm|tmp/brief)/",
    r"pyp" + r"i\.org",
    r"python" + r"hosted",
    r"registry\.npm" + r"js",
    r"deb\.deb" + r"ian",
    r"crates" + r"\.io",
    r"\b(?:CE" + r"O|sub-?agen" + r"t|helper sess" + r"ion)\b",
)
FORBIDDEN = re.compile("|".join(_FORBIDDEN))
"""Paths of one machine and hosts of package registries: a clone must stand on its own."""


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_resolve(page: Path) -> None:
    broken = []
    for target in links(page):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name) if name else page
        lost = anchor and path.suffix == ".md" and path.exists() and anchor not in anchors(path)
        if not path.exists() or lost:
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_pictures_are_there(page: Path) -> None:
    assert [i for i in images(page) if not (page.parent / i).exists()] == []


def test_every_service_of_the_catalogue_has_a_page() -> None:
    services = load_catalogue().services
    described = {path.stem for path in (ROOT / "docs" / "services").glob("*.md")}
    assert set(services) <= described


def test_every_page_can_be_reached_from_the_index() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "docs" / "index.md"]
    while waiting:
        page = waiting.pop().resolve()
        if page in reached:
            continue
        reached.add(page)
        for target in links(page):
            path = (page.parent / target.partition("#")[0]).resolve()
            if path.suffix == ".md" and path.exists():
                waiting.append(path)
    decisions = ROOT / "docs" / "decisions"
    lost = [p for p in PAGES if p.resolve() not in reached and decisions not in p.parents]
    assert [str(p.relative_to(ROOT)) for p in lost] == []


def test_the_map_of_the_code_names_what_is_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    drawn = text.partition("```text\n")[2].partition("```")[0]
    folder, paths = ROOT, []
    for line in drawn.splitlines():
        name = line.strip("├└─│ ").split()[0]
        is_inside = line[0] in "├└│"
        folder = folder if is_inside else ROOT
        paths.append(folder / name)
        folder = folder if is_inside else ROOT / name
    assert len(paths) > 15
    assert [str(path) for path in paths if not path.exists()] == []


def test_nothing_in_the_project_names_one_machine_or_a_registry() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {m[0]}" for m in FORBIDDEN.finditer(text)]
    assert found == []


def test_the_lock_files_hold_hashes_and_no_address() -> None:
    for name in ("run", "dev"):
        text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
        assert "://" not in text
        pinned = re.findall(r"^\S+==\S+", text, re.M)
        hashed = re.findall(r"^\S+==\S+.*\\\n +--hash=sha256:", text, re.M)
        assert len(pinned) == len(hashed) > 50
