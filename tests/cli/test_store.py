"""``watchdeck store verify``: looking changes nothing, setting aside has it collected again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.config import StoreSettings
from app.model.time import Intervals
from app.store import open_store
from tests.cli.test_cli import CONFIG, run
from tests.store.samples import GROUP, NOW, PROD, hold, window


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A folder with a store of two commits, of which the first has a flipped byte."""
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    store = open_store(StoreSettings(path=tmp_path / "var"), NOW)
    writing = hold(store)
    writing.sums({"11:00": 1.0})
    [path] = (tmp_path / "var" / "segments").rglob("*.parquet")
    writing.sums({"11:05": 2.0})
    store.release(writing.lease)
    store.close()
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)
    return tmp_path


def test_damage_is_told_and_left_alone_until_it_is_to_be_set_aside(damaged: Path) -> None:
    looked = run("store", "verify", folder=damaged)
    assert looked.returncode == 4
    assert "its checksum is not the one of the catalog" in looked.stdout
    assert "Nothing was changed. `watchdeck store verify --set-aside`" in looked.stdout
    assert not (damaged / "var" / "quarantine").exists()


def test_what_is_set_aside_is_collected_again(damaged: Path) -> None:
    told = run("store", "verify", "--set-aside", "--json", folder=damaged)
    assert told.returncode == 4
    found = json.loads(told.stdout)
    assert (found["ok"], found["set_aside"], len(found["damaged"])) == (False, True, 1)
    assert len(list((damaged / "var" / "quarantine").rglob("*.parquet"))) == 1
    assert run("store", "verify", folder=damaged).returncode == 0
    store = open_store(StoreSettings(path=damaged / "var"), NOW, writer=False)
    assert store.coverage(PROD, GROUP).answered == Intervals((window("11:05", "11:06"),))
    store.close()
