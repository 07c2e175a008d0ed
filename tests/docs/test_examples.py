"""Examples in the documentation run, or name commands and targets that exist."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from app.config import load
from tests.docs.pages import ROOT, Example, examples

YAML = list(examples("yaml"))
SHELL = list(examples("console", "shell", "bash", "sh"))
ENV = {"WATCHDECK_EXTERNAL_ID": "x", "SLACK_WEBHOOK": "x", "PAGER_URL": "x", "PAGER_TOKEN": "x"}


@pytest.mark.parametrize("example", YAML, ids=str)
def test_yaml_examples_parse(example: Example) -> None:
    assert yaml.safe_load(example.text) is not None


def test_json_examples_parse() -> None:
    assert all(json.loads(example.text) is not None for example in examples("json"))


@pytest.mark.parametrize("example", [e for e in YAML if e.text.startswith("accounts:")], ids=str)
def test_examples_with_accounts_are_whole_configurations(example: Example, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(example.text, encoding="utf-8")
    assert load(path, ENV).accounts[0].regions


@pytest.mark.parametrize("example", SHELL, ids=str)
def test_commands_in_examples_exist(example: Example) -> None:
    for words in _commands(example):
        program = Path(words[0]).name
        if program == "make":
            targets = {word for word in words[1:] if "=" not in word}
            assert targets <= _targets(), example
        elif program == "watchdeck" or words[:3] == ["python", "-m", "app"]:
            rest = words[1:] if program == "watchdeck" else words[3:]
            assert _unknown(rest) == [], example


def _commands(example: Example) -> Iterator[list[str]]:
    text = example.text.replace("\\\n", " ")
    for line in text.splitlines():
        line = line.strip().removeprefix("$ ")
        words = shlex.split(line, comments=True)
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words = words[1:]
        if words:
            yield words


def _targets() -> set[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):", text, re.M))


def _unknown(words: list[str]) -> list[str]:
    """Subcommands and options that the command line does not know."""
    import typer.main

    from app.cli import app

    command = typer.main.get_command(app)
    rest = list(words)
    while rest and hasattr(command, "commands") and not rest[0].startswith("-"):
        if rest[0] not in command.commands:
            return [rest[0]]
        command = command.commands[rest.pop(0)]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    given = [word.partition("=")[0] for word in rest if word.startswith("-")]
    return [option for option in given if option not in known]
