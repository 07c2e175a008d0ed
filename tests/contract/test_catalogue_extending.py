"""The example that explains how to add a service is one that could be shipped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.catalogue import load_catalogue
from app.catalogue.resources import Describe, Lookup, Mention, ResourceKind
from app.catalogue.schema import Service
from tests.support.catalogue_types import configuration_type, item_type

GUIDE = Path(__file__).parents[2] / "docs" / "extending" / "service.md"


@pytest.fixture
def example(tmp_path: Path) -> Service:
    blocks = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    (whole,) = [block for block in blocks if block.startswith("id: ")]
    (tmp_path / "states.yaml").write_text(whole, encoding="utf-8")
    return load_catalogue(tmp_path).services["states"]


def test_the_example_loads(example: Service) -> None:
    assert example.title == "Step Functions"
    assert [alarm.id for alarm in example.alarms] == ["failed"]


def test_the_example_asks_for_members_that_exist(example: Service) -> None:
    (machine,) = example.resources
    assert set(configuration_type(machine).known) == {"creationDate", "type"}
    assert "stateMachineArn" in item_type(machine).known


@pytest.mark.parametrize("model", [ResourceKind, Describe, Mention, Lookup])
def test_every_key_of_a_resource_is_explained(model: type[ResourceKind]) -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    explained_elsewhere = {"kind", "title", "plural", "console", "flag", "sources", "call"}
    explained_elsewhere |= {"of", "table", "api", "operation", "params", "items"}
    for name in set(model.model_fields) - explained_elsewhere:
        assert f"`{name}`" in guide, name
