"""The documentation as the tests see it: files, links, fenced examples."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^(?P<indent> *)```(?P<kind>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.M | re.S)
_LINK = re.compile(r"(?<!\!)\[[^\]]+\]\((?P<target>[^)\s]+)\)")
_IMAGE = re.compile(r"!\[[^\]]*\]\((?P<target>[^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Example:
    """A fenced example: where it stands, its language, its text."""

    page: Path
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def tracked() -> list[Path]:
    """Every file that belongs to the project; the tree itself where there is no git."""
    try:
        answer = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return [p for p in ROOT.rglob("*") if p.is_file() and ".venv" not in p.parts]
    names = [name for name in answer.stdout.split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def pages() -> list[Path]:
    """Every Markdown page."""
    return sorted(path for path in tracked() if path.suffix == ".md")


def examples(*kinds: str) -> Iterator[Example]:
    """Fenced examples in these languages, of all pages."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for match in _FENCE.finditer(text):
            if match["kind"] in kinds:
                line = text.count("\n", 0, match.start()) + 1
                body = re.sub(rf"^{match['indent']}", "", match["text"], flags=re.M)
                yield Example(page, line, match["kind"], body)


def links(page: Path) -> list[str]:
    """Where a page's links lead, without those inside examples."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return [match["target"] for match in _LINK.finditer(text)]


def images(page: Path) -> list[str]:
    """Where a page's pictures lie."""
    return [match["target"] for match in _IMAGE.finditer(page.read_text(encoding="utf-8"))]


def anchors(page: Path) -> set[str]:
    """What can stand behind ``#`` in a link to a page."""
    heads = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text(encoding="utf-8")), re.M)
    plain = (re.sub(r"[^\w\- ]", "", head.lower()) for head in heads)
    return {head.strip().replace(" ", "-") for head in plain}
