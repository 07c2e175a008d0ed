"""Small estates for moto: what one service needs to have something to list."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from tests.support.moto_aws import MotoAws

TEAM = [{"Key": "team", "Value": "blog"}]


def function(moto: MotoAws, name: str, **more: Any) -> None:
    """A Lambda function with a secret in its environment."""
    lambda_ = moto.client("lambda")
    lambda_.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=_role(moto),
        Handler="app.handler",
        Code={"ZipFile": _package()},
        Environment={"Variables": {"DB_PASSWORD": "hunter2"}},
        **more,
    )


def queue(moto: MotoAws, name: str, dead_letters: str = "", **attributes: str) -> str:
    """A queue; its URL."""
    if dead_letters:
        policy = {"deadLetterTargetArn": dead_letters, "maxReceiveCount": 5}
        attributes["RedrivePolicy"] = json.dumps(policy)
    made = moto.client("sqs").create_queue(
        QueueName=name, Attributes=attributes, tags={"team": "blog"}
    )
    return str(made["QueueUrl"])


def table(moto: MotoAws, name: str, index: str = "") -> None:
    """A table on demand, with one global secondary index where named."""
    names = ["id", "date"] if index else ["id"]
    more: dict[str, Any] = {}
    if index:
        more["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index,
                "KeySchema": [{"AttributeName": "date", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ]
    moto.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in names],
        BillingMode="PAY_PER_REQUEST",
        Tags=TEAM,
        **more,
    )


def instances(moto: MotoAws, count: int) -> list[str]:
    """EC2 instances with a secret in their user data; their ids."""
    ec2 = moto.client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    made = ec2.run_instances(
        ImageId=image,
        MinCount=count,
        MaxCount=count,
        InstanceType="t3.micro",
        UserData="password=hunter2",
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}],
    )
    return [instance["InstanceId"] for instance in made["Instances"]]


def database(moto: MotoAws, name: str) -> None:
    """A PostgreSQL instance with 100 GiB."""
    moto.client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        Engine="postgres",
        DBInstanceClass="db.t3.medium",
        AllocatedStorage=100,
        MasterUsername="blog",
        MasterUserPassword="hunter2hunter2",
        Tags=TEAM,
    )


def containers(moto: MotoAws, cluster: str, *services: str) -> None:
    """An ECS cluster with Container Insights, and services with a secret in their task."""
    ecs, tags = moto.client("ecs"), [{"key": "team", "value": "blog"}]
    insights = [{"name": "containerInsights", "value": "enabled"}]
    ecs.create_cluster(clusterName=cluster, settings=insights, tags=tags)
    secret = [{"name": "DB_PASSWORD", "value": "hunter2"}]
    web = {"name": "web", "image": "web", "memory": 128, "environment": secret}
    ecs.register_task_definition(family="web", containerDefinitions=[web])
    for name in services:
        ecs.create_service(
            cluster=cluster,
            serviceName=name,
            taskDefinition="web",
            desiredCount=2,
            launchType="FARGATE",
            tags=tags,
        )


def load_balancer(moto: MotoAws) -> tuple[str, str]:
    """An application load balancer with one target group; their ARNs."""
    ec2, elb = moto.client("ec2"), moto.client("elbv2")
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    front = elb.create_load_balancer(Name="front", Subnets=subnets, Type="application", Tags=TEAM)
    elb.create_load_balancer(Name="inner", Subnets=subnets, Type="network")
    arn = front["LoadBalancers"][0]["LoadBalancerArn"]
    made = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc)
    group = made["TargetGroups"][0]["TargetGroupArn"]
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=forward)
    elb.create_target_group(Name="unused", Protocol="HTTP", Port=80, VpcId=vpc)
    return arn, group


def rest_api(moto: MotoAws, name: str, stage: str) -> str:
    """A REST API with one stage that holds a secret in a variable; its id."""
    gateway = moto.client("apigateway")
    api = gateway.create_rest_api(name=name)["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    method = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
    gateway.put_method(**method, authorizationType="NONE")
    gateway.put_integration(**method, type="MOCK", integrationHttpMethod="GET")
    gateway.create_deployment(restApiId=api, stageName=stage, variables={"token": "hunter2"})
    return str(api)


def http_api(moto: MotoAws, name: str, stage: str, protocol: str) -> str:
    """An HTTP or WebSocket API with one stage; its id."""
    gateway = moto.client("apigatewayv2")
    route = {"RouteSelectionExpression": "$request.body.action"} if protocol != "HTTP" else {}
    api = gateway.create_api(Name=name, ProtocolType=protocol, **route)["ApiId"]
    gateway.create_stage(ApiId=api, StageName=stage, Tags={"team": "blog"})
    return str(api)


def _role(moto: MotoAws) -> str:
    iam = moto.client("iam")
    for role in iam.list_roles()["Roles"]:
        return str(role["Arn"])
    return str(iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"])


def _package() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): pass")
    return packed.getvalue()
