"""What the inventory makes of certificates, health checks, buckets, images and rules."""

from __future__ import annotations

import json
from dataclasses import replace

from app.config import CollectionSettings
from collectors.inventory import InventoryCollector
from tests.collectors.listing import CATALOGUE, HERE, NOON, collected, found
from tests.support.moto_aws import PLACE, MotoAws


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
