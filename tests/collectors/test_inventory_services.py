"""What the inventory makes of each service, against moto's server."""

from __future__ import annotations

import json

from tests.collectors.listing import HERE, collected, found, lambdas
from tests.support import moto_estate as estate
from tests.support.moto_aws import PLACE, MotoAws


def test_a_function(moto: MotoAws) -> None:
    estate.function(moto, "thumb", Timeout=30, MemorySize=256, Tags={"team": "media"})
    moto.client("lambda").put_function_concurrency(
        FunctionName="thumb", ReservedConcurrentExecutions=7
    )
    thumb = lambdas(moto)["thumb"]
    assert thumb.arn == f"arn:aws:lambda:{HERE}:function:thumb"
    assert (thumb.service, thumb.kind, thumb.name) == ("lambda", "function", "thumb")
    assert dict(thumb.tags) == {"team": "media"}
    assert dict(thumb.dimensions) == {"FunctionName": "thumb"}
    kept = {name: thumb.configuration[name] for name in ("Timeout", "MemorySize", "Runtime")}
    assert kept == {"Timeout": 30, "MemorySize": 256, "Runtime": "python3.12"}
    assert thumb.configuration["ReservedConcurrentExecutions"] == 7


def test_a_function_without_a_reservation_says_nothing_of_one(moto: MotoAws) -> None:
    estate.function(moto, "thumb")
    assert "ReservedConcurrentExecutions" not in lambdas(moto)["thumb"].configuration


def test_a_queue_and_its_dead_letter_queue(moto: MotoAws) -> None:
    estate.queue(moto, "orders-dlq")
    dead_letters = f"arn:aws:sqs:{HERE}:orders-dlq"
    estate.queue(moto, "orders", dead_letters, VisibilityTimeout="45")
    resources = found(collected(moto, "sqs"))
    orders, dlq = resources["orders"], resources["orders-dlq"]
    assert orders.arn == f"arn:aws:sqs:{HERE}:orders"
    assert dict(orders.dimensions) == {"QueueName": "orders"}
    assert dict(orders.tags) == {"team": "blog"}
    assert orders.configuration["VisibilityTimeout"] == 45
    assert orders.configuration["MessageRetentionPeriod"] == 345_600
    assert orders.configuration["InFlightLimit"] == 120_000
    assert orders.configuration["RedrivePolicy"]["maxReceiveCount"] == 5
    assert orders.configuration["isDeadLetterQueue"] is False
    assert dlq.configuration["isDeadLetterQueue"] is True
    assert dlq.configuration["deadLetterSources"] == [f"arn:aws:sqs:{HERE}:orders"]


def test_a_fifo_queue(moto: MotoAws) -> None:
    estate.queue(moto, "orders.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    configuration = found(collected(moto, "sqs"))["orders.fifo"].configuration
    assert configuration["FifoQueue"] is True
    assert configuration["ContentBasedDeduplication"] is True
    assert configuration["InFlightLimit"] == 20_000


def test_a_table_and_its_index(moto: MotoAws) -> None:
    estate.table(moto, "posts", index="by-date")
    resources = found(collected(moto, "dynamodb"))
    posts, by_date, account = resources["posts"], resources["posts/by-date"], resources["account"]
    assert posts.arn == f"arn:aws:dynamodb:{HERE}:table/posts"
    assert posts.state == "ACTIVE"
    assert dict(posts.tags) == {"team": "blog"}
    assert posts.configuration["BillingMode"] == "PAY_PER_REQUEST"
    assert posts.configuration["GlobalSecondaryIndexes"] == ["by-date"]
    assert posts.configuration["PointInTimeRecovery"] == {"Status": "DISABLED"}
    assert by_date.arn == f"arn:aws:dynamodb:{HERE}:table/posts/index/by-date"
    assert dict(by_date.dimensions) == {
        "GlobalSecondaryIndexName": "by-date",
        "TableName": "posts",
    }
    assert dict(account.dimensions) == {}
    assert account.configuration["AccountMaxReadCapacityUnits"] == 20_000


def test_all_pages_of_tables_are_read(moto: MotoAws) -> None:
    for number in range(105):
        estate.table(moto, f"t{number}")
    tables = collected(moto, "dynamodb")[0]
    assert len(tables.resources) == 105
    assert all(dict(table.tags) == {"team": "blog"} for table in tables.resources)


def test_an_instance(moto: MotoAws) -> None:
    (instance,) = estate.instances(moto, 1)
    web = found(collected(moto, "ec2"))[instance]
    assert web.arn == f"arn:aws:ec2:{HERE}:instance/{instance}"
    assert (web.name, web.state) == ("web", "running")
    assert dict(web.dimensions) == {"InstanceId": instance}
    assert web.configuration["InstanceType"] == "t3.micro"
    assert web.configuration["SystemStatus"] == "ok"
    assert web.configuration["DetailedMonitoring"] is False


def test_a_terminated_instance_is_gone(moto: MotoAws) -> None:
    first, second = estate.instances(moto, 2)
    moto.client("ec2").terminate_instances(InstanceIds=[first])
    there = [r.id for r in found(collected(moto, "ec2")).values() if r.kind == "instance"]
    assert there == [second]


def test_more_instances_than_fit_into_one_batch(moto: MotoAws) -> None:
    estate.instances(moto, 130)
    batch = collected(moto, "ec2")[0]
    assert len(batch.resources) == 130
    assert {r.configuration["InstanceStatus"] for r in batch.resources} == {"ok"}


def test_what_is_billed_beside_instances(moto: MotoAws) -> None:
    ec2 = moto.client("ec2")
    zone = f"{PLACE.region}a"
    volume = ec2.create_volume(Size=50, AvailabilityZone=zone, VolumeType="gp2")["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    resources = found(collected(moto, "ec2"))
    disk = resources[volume]
    assert (disk.kind, disk.state, disk.configuration["Size"]) == ("volume", "available", 50)
    assert disk.arn == f"arn:aws:ec2:{HERE}:volume/{volume}"
    assert resources[snapshot].configuration["VolumeId"] == volume
    assert resources[address].kind == "address"
    assert "AssociationId" not in resources[address].configuration


def test_a_database(moto: MotoAws) -> None:
    estate.database(moto, "catalog-db")
    database = found(collected(moto, "rds"))["catalog-db"]
    assert database.arn == f"arn:aws:rds:{HERE}:db:catalog-db"
    assert database.state == "available"
    assert dict(database.dimensions) == {"DBInstanceIdentifier": "catalog-db"}
    assert dict(database.tags) == {"team": "blog"}
    kept = ("AllocatedStorage", "MemoryGiB", "VirtualProcessors", "MaxConnectionsDefault")
    assert [database.configuration[name] for name in kept] == [100, 4, 2, 450]


def test_all_pages_of_databases_are_read(moto: MotoAws) -> None:
    for number in range(103):
        estate.database(moto, f"db{number}")
    assert len(collected(moto, "rds")[0].resources) == 103


def test_a_cluster_of_databases(moto: MotoAws) -> None:
    moto.client("rds").create_db_cluster(
        DBClusterIdentifier="blog",
        Engine="aurora-postgresql",
        MasterUsername="blog",
        MasterUserPassword="hunter2hunter2",
    )
    cluster = found(collected(moto, "rds"))["blog"]
    assert cluster.kind == "cluster"
    assert dict(cluster.dimensions) == {"DBClusterIdentifier": "blog"}


def test_a_service_of_containers_and_its_cluster(moto: MotoAws) -> None:
    estate.containers(moto, "prod", "web")
    resources = found(collected(moto, "ecs"))
    web, prod = resources["prod/web"], resources["prod"]
    assert web.arn == f"arn:aws:ecs:{HERE}:service/prod/web"
    assert dict(web.dimensions) == {"ClusterName": "prod", "ServiceName": "web"}
    assert dict(web.tags) == {"team": "blog"}
    assert web.configuration["desiredCount"] == 2
    assert web.configuration["containerInsights"] == "enabled"
    assert dict(prod.dimensions) == {"ClusterName": "prod"}
    assert prod.state == "ACTIVE"


def test_more_services_than_fit_into_one_batch(moto: MotoAws) -> None:
    estate.containers(moto, "prod", *(f"web{number}" for number in range(23)))
    estate.containers(moto, "staging", "web")
    services = collected(moto, "ecs")[0]
    assert len(services.resources) == 24
    assert {r.dimensions["ClusterName"] for r in services.resources} == {"prod", "staging"}


def test_a_load_balancer_and_its_target_group(moto: MotoAws) -> None:
    arn, group_arn = estate.load_balancer(moto)
    balancers, groups = collected(moto, "alb")
    (front,), (web,) = balancers.resources, groups.resources
    suffix, group_suffix = arn.split(":loadbalancer/")[1], group_arn.split(":")[-1]
    assert (front.arn, front.name, front.state) == (arn, "front", "active")
    assert front.id.startswith("app/front/")
    assert dict(front.dimensions) == {"LoadBalancer": suffix}
    assert dict(front.tags) == {"team": "blog"}
    assert web.name == "web"
    assert group_suffix.startswith("targetgroup/web/")
    assert dict(web.dimensions) == {"LoadBalancer": suffix, "TargetGroup": group_suffix}


def test_stages_of_rest_http_and_websocket_apis(moto: MotoAws) -> None:
    rest = estate.rest_api(moto, "blog", "prod")
    http = estate.http_api(moto, "feed", "$default", "HTTP")
    chat = estate.http_api(moto, "chat", "live", "WEBSOCKET")
    resources = found(collected(moto, "apigateway"))
    seen = {r.id: (r.kind, r.arn, dict(r.dimensions)) for r in resources.values()}
    start = "arn:aws:apigateway:eu-central-1::"
    assert seen == {
        "blog/prod": (
            "rest-stage",
            f"{start}/restapis/{rest}/stages/prod",
            {"ApiName": "blog", "Stage": "prod"},
        ),
        f"{http}/$default": (
            "http-stage",
            f"{start}/apis/{http}/stages/$default",
            {"ApiId": http, "Stage": "$default"},
        ),
        f"{chat}/live": (
            "websocket-stage",
            f"{start}/apis/{chat}/stages/live",
            {"ApiId": chat, "Stage": "live"},
        ),
    }
    assert dict(resources[f"{http}/$default"].tags) == {"team": "blog"}


def test_no_secret_reaches_a_resource(moto: MotoAws) -> None:
    estate.function(moto, "thumb")
    estate.instances(moto, 1)
    estate.database(moto, "catalog-db")
    estate.containers(moto, "prod", "web")
    estate.rest_api(moto, "blog", "prod")
    everything = list(lambdas(moto).values())
    for service in ("ec2", "rds", "ecs", "apigateway"):
        everything += found(collected(moto, service)).values()
    quiet = ("volume", "snapshot", "address")
    assert len([r for r in everything if r.kind not in quiet]) == 6
    assert "hunter2" not in json.dumps([dict(r.configuration) for r in everything])


def test_two_rounds_give_equal_resources(moto: MotoAws) -> None:
    estate.queue(moto, "orders")
    estate.queue(moto, "mail")
    assert collected(moto, "sqs") == collected(moto, "sqs")
