"""Reading service files: what they become, and every mistake with its message."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.catalogue import Catalogue, load_catalogue
from app.config.mistakes import ConfigMistakes
from app.model.errors import ConfigError

HERE = Path(__file__).parent
GOOD = HERE / "orders.yaml"
BAD = sorted(HERE.glob("*.bad.yaml"))


@pytest.fixture
def extras(tmp_path: Path) -> Path:
    """A folder of the user's own with one good file."""
    shutil.copy(GOOD, tmp_path / "orders.yaml")
    return tmp_path


@pytest.mark.parametrize("path", BAD, ids=[p.name.removesuffix(".bad.yaml") for p in BAD])
def test_each_mistake_has_its_message(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    expected = [
        line.removeprefix("# error: ") for line in text.splitlines() if line.startswith("# error: ")
    ]
    (tmp_path / "orders.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load_catalogue(tmp_path)
    assert isinstance(raised.value, ConfigMistakes)
    assert [f"{m.line}: {m.field}: {m.message}" for m in raised.value.mistakes] == expected


def test_a_message_reads_as_file_line_field_and_remedy(extras: Path) -> None:
    path = extras / "orders.yaml"
    path.write_text(path.read_text().replace("page: requests", "page: request"))
    with pytest.raises(ConfigError) as raised:
        load_catalogue(extras)
    message = f"{path}:6: page: `request` is not possible; did you mean `requests`?"
    assert str(raised.value) == message


def test_mistakes_of_all_files_come_at_once(extras: Path) -> None:
    broken = GOOD.read_text().replace("group: other", "group: others")
    (extras / "orders.yaml").write_text(broken)
    (extras / "shops.yaml").write_text(broken.replace("id: orders", "id: shops"))
    with pytest.raises(ConfigMistakes) as raised:
        load_catalogue(extras)
    assert [Path(m.file).name for m in raised.value.mistakes] == ["orders.yaml", "shops.yaml"]


def test_a_folder_of_ones_own_adds_to_what_is_shipped(extras: Path) -> None:
    catalogue = load_catalogue(extras)
    assert set(catalogue.services) == {*load_catalogue().services, "orders"}


def test_a_file_of_ones_own_takes_the_place_of_a_shipped_one(extras: Path) -> None:
    path = extras / "orders.yaml"
    path.write_text(path.read_text().replace("id: orders", "id: sqs"))
    assert load_catalogue(extras).services["sqs"].title == "Orders"


def test_two_files_of_one_folder_cannot_describe_one_service(extras: Path) -> None:
    shutil.copy(GOOD, extras / "again.yml")
    with pytest.raises(ConfigError, match=r"again\.yml already describes `orders`; rename one"):
        load_catalogue(extras)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such folder"):
        load_catalogue(tmp_path / "none")


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_bytes(b"id: \xff")
    with pytest.raises(ConfigError, match="is not UTF-8 text"):
        load_catalogue(tmp_path)


def test_other_files_of_the_folder_are_left_alone(extras: Path) -> None:
    (extras / "README.md").write_text("not: [yaml")
    assert "orders" in load_catalogue(extras).services


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def test_services_come_in_the_order_of_their_ids(catalogue: Catalogue) -> None:
    ids = [service.id for service in catalogue]
    assert ids == sorted(ids)
    assert len(catalogue) == len(ids)


def test_a_service_is_found_by_each_of_its_namespaces(catalogue: Catalogue) -> None:
    ecs = catalogue.services["ecs"]
    assert ecs.namespaces == ("AWS/ECS", "ECS/ContainerInsights")
    assert catalogue.by_namespace("AWS/ECS") is ecs
    assert catalogue.by_namespace("ECS/ContainerInsights") is ecs
    assert catalogue.by_namespace("AWS/Unheard") is None


def test_a_metric_is_found_by_namespace_and_name(catalogue: Catalogue) -> None:
    found = catalogue.metric("ECS/ContainerInsights", "RunningTaskCount")
    assert found is not None
    assert found.statistics == ("Average",)
    assert catalogue.metric("AWS/ECS", "RunningTaskCount") is None


def test_actions_are_those_of_metrics_and_of_every_call(extras: Path) -> None:
    actions = load_catalogue(extras).actions()
    assert {"cloudwatch:GetMetricData", "cloudwatch:ListMetrics"} <= actions
    assert {"apigateway:GET", "elasticloadbalancing:DescribeTargetHealth"} <= actions
    assert {"tag:GetResources", "lambda:ListFunctions", "ecs:DescribeClusters"} <= actions


def test_no_action_can_read_code_values_or_keys(catalogue: Catalogue) -> None:
    forbidden = {
        "dynamodb:GetItem",
        "dynamodb:Scan",
        "ec2:DescribeInstanceAttribute",
        "lambda:GetFunction",
        "sqs:ReceiveMessage",
    }
    assert catalogue.actions() & forbidden == set()
