"""What the inventory makes of each service, against moto's server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.catalogue import load_catalogue
from app.config import CollectionSettings
from app.model.errors import BadRequest
from app.model.ids import Resource
from app.model.rounds import Batch
from collectors.base import Task
from collectors.inventory import InventoryCollector
from tests.support import moto_estate as estate
from tests.support.moto_aws import PLACE, MotoAws, moto_server

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
CATALOGUE = load_catalogue()
HERE = "eu-central-1:123456789012"


@pytest.fixture(scope="module")
def server() -> Iterator[MotoAws]:
    with moto_server() as moto:
        yield moto


@pytest.fixture
def moto(server: MotoAws) -> Iterator[MotoAws]:
    yield server
    server.reset()


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


def test_a_certificate(moto: MotoAws) -> None:
    acm = moto.client("acm")
    made = acm.request_certificate(
        DomainName="blog.example.com", ValidationMethod="DNS", KeyAlgorithm="EC_prime256v1"
    )
    (certificate,) = found(collected(moto, "acm")).values()
    assert certificate.arn == made["CertificateArn"]
    assert certificate.id == made["CertificateArn"].rpartition("/")[2]
    assert (certificate.name, certificate.kind) == ("blog.example.com", "certificate")
    assert certificate.state == "PENDING_VALIDATION"
    assert dict(certificate.dimensions) == {"CertificateArn": made["CertificateArn"]}


def test_a_health_check(moto: MotoAws) -> None:
    route53 = moto.client("route53")
    config = {
        "Type": "HTTPS", "FullyQualifiedDomainName": "eu.blog.example.com", "Port": 443,
        "ResourcePath": "/health", "RequestInterval": 30, "FailureThreshold": 3,
    }  # fmt: skip
    made = route53.create_health_check(CallerReference="x", HealthCheckConfig=config)
    id_ = made["HealthCheck"]["Id"]
    route53.change_tags_for_resource(
        ResourceType="healthcheck", ResourceId=id_,
        AddTags=[{"Key": "Name", "Value": "eu"}, {"Key": "app", "Value": "blog"}],
    )  # fmt: skip
    (check,) = found(collected(moto, "route53")).values()
    assert (check.id, check.arn) == (id_, f"arn:aws:route53:::healthcheck/{id_}")
    assert (check.name, dict(check.tags)) == ("eu", {"Name": "eu", "app": "blog"})
    assert dict(check.dimensions) == {"HealthCheckId": id_}
    assert check.configuration["FullyQualifiedDomainName"] == "eu.blog.example.com"


def test_what_is_the_same_everywhere_is_asked_for_in_one_region_only(moto: MotoAws) -> None:
    inventory = InventoryCollector(moto.aws(), CATALOGUE, CollectionSettings())

    def planned(region: str) -> set[str]:
        return {task.group for task in inventory.plan(replace(PLACE, region=region), NOON)}

    assert "route53" in planned("us-east-1")
    assert planned("us-east-1") - planned("eu-central-1") == {"route53"}


def test_a_bucket_of_the_region_with_its_rules(moto: MotoAws) -> None:
    s3 = moto.client("s3")
    s3.create_bucket(
        Bucket="uploads", CreateBucketConfiguration={"LocationConstraint": PLACE.region}
    )
    moto.client("s3", "us-east-1").create_bucket(Bucket="elsewhere")
    rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 90}}
    s3.put_bucket_lifecycle_configuration(
        Bucket="uploads", LifecycleConfiguration={"Rules": [rule]}
    )
    s3.put_bucket_versioning(Bucket="uploads", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(Bucket="uploads", Tagging={"TagSet": [{"Key": "team", "Value": "blog"}]})
    s3.create_multipart_upload(Bucket="uploads", Key="dump.tar")
    (bucket,) = found(collected(moto, "s3")).values()
    assert (bucket.arn, dict(bucket.tags)) == ("arn:aws:s3:::uploads", {"team": "blog"})
    assert dict(bucket.dimensions) == {"BucketName": "uploads"}
    known = bucket.configuration
    assert (known["Versioning"], known["UnfinishedUploads"]) == ("Enabled", 1)
    assert [each["Expiration"] for each in known["LifecycleRules"]] == [{"Days": 90}]


def test_a_bucket_without_settings_has_none_and_nothing_missing(moto: MotoAws) -> None:
    where = {"LocationConstraint": PLACE.region}
    moto.client("s3").create_bucket(Bucket="bare", CreateBucketConfiguration=where)
    (bucket,) = found(collected(moto, "s3")).values()
    assert set(bucket.configuration) == {
        "CreationDate",
        "UnfinishedUploads",
        "UnfinishedUploadsMore",
    }


def test_images_are_counted_with_and_without_a_tag(moto: MotoAws) -> None:
    ecr = moto.client("ecr")
    media = "application/vnd.docker.distribution.manifest.v2+json"
    for name in ("web", "worker"):
        ecr.create_repository(repositoryName=name)
    for tag in ("1", "2"):
        manifest = json.dumps({"mediaType": media, "tag": tag})
        ecr.put_image(repositoryName="web", imageManifest=manifest, imageTag=tag)
    old = {
        "tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days",
        "countNumber": 14,
    }  # fmt: skip
    rule = {"rulePriority": 1, "selection": old, "action": {"type": "expire"}}
    ecr.put_lifecycle_policy(
        repositoryName="web", lifecyclePolicyText=json.dumps({"rules": [rule]})
    )
    resources = found(collected(moto, "ecs"))
    web, worker = resources["web"].configuration, resources["worker"].configuration
    assert (web["hasLifecycle"], web["images"], web["untaggedImages"]) == (True, 2, 0)
    assert (worker["hasLifecycle"], worker["images"], worker["imageBytes"]) == (False, 0, 0)
    assert "_missing" not in worker


def test_rules_topics_zones_and_gateways(moto: MotoAws) -> None:
    events, sns = moto.client("events"), moto.client("sns")
    events.create_event_bus(Name="blog")
    events.put_rule(Name="tick", ScheduleExpression="rate(1 minute)")
    events.put_rule(Name="posted", EventBusName="blog", EventPattern='{"source": ["blog"]}')
    events.create_archive(ArchiveName="all", EventSourceArn=f"arn:aws:events:{HERE}:event-bus/blog")
    kinds = {
        r.name: (r.kind, dict(r.dimensions)) for r in found(collected(moto, "events")).values()
    }
    assert kinds["tick"] == ("rule", {"RuleName": "tick"})
    assert kinds["posted"] == ("bus-rule", {"EventBusName": "blog", "RuleName": "posted"})
    assert kinds["all"] == ("archive", {})
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a.person@example.com")
    told = found(collected(moto, "sns")).values()
    assert {each.kind: each.name for each in told} == {
        "topic": "news",
        "subscription": "email news",
    }
    assert not any("a.person" in repr(each) for each in told)
    moto.client("route53").create_hosted_zone(Name="blog.example.com", CallerReference="x")
    (zone,) = found(collected(moto, "route53")).values()
    assert (zone.kind, zone.name) == ("hosted-zone", "blog.example.com.")
    ec2 = moto.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    made = ec2.create_nat_gateway(
        SubnetId=subnet, AllocationId=ec2.allocate_address()["AllocationId"]
    )
    gateway = found(collected(moto, "nat"))[made["NatGateway"]["NatGatewayId"]]
    assert (gateway.kind, gateway.state) == ("gateway", "available")
