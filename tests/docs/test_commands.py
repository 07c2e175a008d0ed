"""docs/guide/cli.md describes every command with its options, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer.main

from app.cli import app
from app.run.exits import Exit
from tests.docs.pages import ROOT

TEXT = (ROOT / "docs" / "guide" / "cli.md").read_text(encoding="utf-8")
SHARED = {"--config", "-c", "--store", "--json", "--verbose", "-v"}


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, inner in command.commands.items():
        if not inner.hidden:
            yield from commands(inner, f"{path} {name}")


COMMANDS = dict(commands(typer.main.get_command(app), "watchdeck"))


def sections() -> dict[str, str]:
    parts = re.split(r"^## (watchdeck .+)$", TEXT, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_command_has_a_section_and_no_section_lacks_a_command() -> None:
    assert set(sections()) == set(COMMANDS)


def test_every_option_is_described_with_its_command() -> None:
    missing = [
        f"{path} {option}"
        for path, command in COMMANDS.items()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("-")
        and option not in SHARED | {"--help"}
        and f"`{option}`" not in sections()[path]
    ]
    assert missing == []


def test_shared_options_are_described_once() -> None:
    head = TEXT.partition("## Exit codes")[0]
    assert all(f"`{option}`" in head for option in SHARED)


def test_every_exit_code_is_described() -> None:
    table = TEXT.partition("## Exit codes")[2].partition("## ")[0]
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.M)}
    assert told == {code.value for code in Exit}
