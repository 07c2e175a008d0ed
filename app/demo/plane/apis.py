"""REST, HTTP and WebSocket APIs in moto, under the ids that the world gave them."""

from __future__ import annotations

from typing import Any

from moto.apigateway.models import apigateway_backends
from moto.apigateway.utils import ApigwRestApiIdentifier
from moto.apigatewayv2.models import apigatewayv2_backends
from moto.utilities.id_generator import moto_id_manager

from app.demo.plane.creation import creation_time
from app.demo.world.platform import Api, Deployment


def build_apis(deployment: Deployment) -> None:
    """Every API with its routes and its stage."""
    for api in deployment.apis:
        if api.protocol == "REST":
            _rest(deployment, api)
        else:
            _version_2(deployment, api)


def _rest(deployment: Deployment, api: Api) -> None:
    account, region = deployment.place.account, deployment.place.region
    backend: Any = apigateway_backends[account][region]
    moto_id_manager.set_custom_id(ApigwRestApiIdentifier(account, region, api.name), api.id)
    made = backend.create_rest_api(
        api.name,
        f"{api.name} of the blog platform",
        endpoint_configuration={"types": ["REGIONAL"]},
        tags=dict(deployment.tags),
    )
    made.create_date = int(creation_time(api.name).timestamp())
    for path in dict.fromkeys(route.path for route in api.routes):
        resource = backend.create_resource(api.id, made.root_resource_id, path.strip("/"))
        for route in api.routes:
            if route.path == path:
                backend.put_method(api.id, resource.id, route.method, "AWS_IAM")
    made.create_deployment(api.stage, "released")
    stage = made.stages[api.stage]
    stage.tags = dict(deployment.tags)
    if api.detailed:
        stage.method_settings["*/*"] = {"metricsEnabled": True, "loggingLevel": "ERROR"}


def _version_2(deployment: Deployment, api: Api) -> None:
    account, region = deployment.place.account, deployment.place.region
    backend: Any = apigatewayv2_backends[account][region]
    web = api.protocol == "HTTP"
    made = backend.create_api(
        api_key_selection_expression="",
        cors_configuration=None,
        description=f"{api.name} of the blog platform",
        disable_schema_validation=False,
        disable_execute_api_endpoint=False,
        name=api.name,
        protocol_type=api.protocol,
        route_selection_expression="" if web else "$request.body.action",
        tags={},
        version=None,
    )
    del backend.apis[made.api_id]
    scheme = "https" if web else "wss"
    made.api_id, made.arn = api.id, f"arn:aws:apigateway:{region}::/apis/{api.id}"
    made.api_endpoint = f"{scheme}://{api.id}.execute-api.{region}.amazonaws.com"
    made.created_date = creation_time(api.name).replace(tzinfo=None)
    backend.apis[api.id] = made
    backend.tag_resource(made.arn, dict(deployment.tags))
    for route in api.routes:
        key = f"{route.method} {route.path}" if web else route.path
        made.create_route(False, [], None, None, None, None, None, None, key, None, "")
    stage = made.create_stage({"stageName": api.stage, "autoDeploy": True, "tags": deployment.tags})
    stage.created = stage.updated = made.created_date
