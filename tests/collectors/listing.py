"""Lists what moto's server holds, as the inventory does."""

from __future__ import annotations

from datetime import UTC, datetime

from app.catalogue import load_catalogue
from app.config import CollectionSettings
from app.model.errors import BadRequest
from app.model.ids import Resource
from app.model.rounds import Batch
from collectors.base import Task
from collectors.inventory import InventoryCollector
from tests.support.moto_aws import PLACE, MotoAws

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
CATALOGUE = load_catalogue()
HERE = "eu-central-1:123456789012"


def collected(moto: MotoAws, service: str) -> list[Batch]:
    inventory = InventoryCollector(moto.aws(), CATALOGUE, CollectionSettings())
    batches = []
    try:
        for group in CATALOGUE.services[service].parts:
            batches.extend(inventory.collect(Task(PLACE, group), NOON))
    except BadRequest as error:
        # moto does not know GetAccountSettings; all else must have been answered.
        assert error.action == "lambda:GetAccountSettings"  # noqa: PT017 # tells which call it was
    return batches


def found(batches: list[Batch]) -> dict[str, Resource]:
    return {resource.id: resource for batch in batches for resource in batch.resources}


def lambdas(moto: MotoAws) -> dict[str, Resource]:
    inventory = InventoryCollector(moto.aws(), CATALOGUE, CollectionSettings())
    return {r.id: r for r in next(iter(inventory.collect(Task(PLACE, "lambda"), NOON))).resources}
