"""Roles in moto's IAM: the one of the functions, and those that a dashboard may assume."""

from __future__ import annotations

import json
from collections.abc import Mapping

from moto.iam.models import iam_backends

from app.demo.identity import EXTERNAL_ID, OPEN, READER
from app.demo.plane.creation import tag_list
from app.demo.world.platform import Deployment

FUNCTION_ROLE = "blog-functions"


def build_roles(deployment: Deployment) -> None:
    """The roles of an account, once, however many Regions it has."""
    account = deployment.place.account
    backend = iam_backends[account]["aws"]
    if any(role.name == FUNCTION_ROLE for role in backend.roles.values()):
        return
    guarded = {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}
    for name, trust in (
        (FUNCTION_ROLE, _trust({"Service": "lambda.amazonaws.com"})),
        (READER, _trust({"AWS": "*"}, guarded)),
        (OPEN, _trust({"AWS": "*"})),
    ):
        backend.create_role(name, trust, "/", None, "", tag_list(deployment.tags), "3600")


def _trust(principal: dict[str, str], condition: Mapping[str, object] | None = None) -> str:
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sts:AssumeRole",
    }
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
