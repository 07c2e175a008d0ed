"""Tables, buckets and databases in moto."""

from __future__ import annotations

from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.rds.models import rds_backends
from moto.s3.models import s3_backends

from app.demo.plane.creation import creation_time, tag_list
from app.demo.world.platform import Database, Deployment, Table


def build_tables(deployment: Deployment) -> None:
    """Every table with its index, stream, time to live and backups."""
    backend: Any = dynamodb_backends[deployment.place.account][deployment.place.region]
    for table in deployment.tables:
        throughput = _throughput(table)
        made = backend.create_table(
            table.name,
            schema=[{"AttributeName": table.key, "KeyType": "HASH"}],
            throughput=throughput,
            attr=_attributes(table),
            global_indexes=_indexes(table, throughput),
            indexes=[],
            streams={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
            if table.stream
            else None,
            billing_mode="PROVISIONED" if throughput else "PAY_PER_REQUEST",
            sse_specification=None,
            tags=tag_list(deployment.tags),
            deletion_protection_enabled=deployment.account.environment == "production",
            warm_throughput=None,
        )
        made.created_at = creation_time(table.name).replace(tzinfo=None)
        if table.ttl:
            backend.update_time_to_live(table.name, {"Enabled": True, "AttributeName": table.ttl})
        if table.name == "posts":
            backend.update_continuous_backups(table.name, {"PointInTimeRecoveryEnabled": True})


def _throughput(table: Table) -> dict[str, int] | None:
    if table.provisioned is None:
        return None
    read, write = table.provisioned
    return {"ReadCapacityUnits": read, "WriteCapacityUnits": write}


def _attributes(table: Table) -> list[dict[str, str]]:
    names = [table.key] + (["post_id"] if table.index else [])
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def _indexes(table: Table, throughput: dict[str, int] | None) -> list[dict[str, object]]:
    if not table.index:
        return []
    index: dict[str, object] = {
        "IndexName": table.index,
        "KeySchema": [{"AttributeName": "post_id", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    if throughput:
        index["ProvisionedThroughput"] = dict(throughput)
    return [index]


def build_buckets(deployment: Deployment) -> None:
    """Every bucket."""
    backend: Any = s3_backends[deployment.place.account]["aws"]
    for bucket in deployment.buckets:
        made = backend.create_bucket(bucket.name, deployment.place.region)
        made.creation_date = creation_time(bucket.name)
        backend.put_bucket_tagging(bucket.name, dict(deployment.tags))
        if bucket.expires:
            backend.put_bucket_lifecycle(bucket.name, _life_cycle(bucket.expires))
        if bucket.versioned:
            backend.put_bucket_versioning(bucket.name, "Enabled")
        for number in range(bucket.unfinished):
            name = f"dump-{number}.tar"
            backend.create_multipart_upload(bucket.name, name, {}, "STANDARD", {}, None, "", "")


def _life_cycle(days: int) -> list[dict[str, Any]]:
    """Remove what is old, and uploads that were never ended."""
    return [
        {
            "ID": f"after {days} days",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "Expiration": {"Days": str(days)},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": "7"},
        }
    ]


def build_databases(deployment: Deployment) -> None:
    """Every instance; replicas after their sources."""
    backend: Any = rds_backends[deployment.place.account][deployment.place.region]
    for database in sorted(deployment.databases, key=lambda d: bool(d.replica_of)):
        facts = _facts(deployment, database)
        if database.replica_of:
            facts["source_db_instance_identifier"] = database.replica_of
            made = backend.create_db_instance_read_replica(facts)
        else:
            made = backend.create_db_instance(facts)
        made.instance_create_time = creation_time(database.name)
        made.tags = tag_list(deployment.tags)


def _facts(deployment: Deployment, database: Database) -> dict[str, object]:
    return {
        "db_instance_identifier": database.name,
        "db_instance_class": database.size,
        "engine": database.engine,
        "engine_version": database.version,
        "allocated_storage": database.allocated_gib,
        "storage_type": "gp3",
        "storage_encrypted": True,
        "multi_az": database.multi_az,
        "master_username": "blog",
        "master_user_password": "not-a-secret-at-all",
        "backup_retention_period": 7,
        "availability_zone": f"{deployment.place.region}a",
        "publicly_accessible": False,
        "deletion_protection": deployment.account.environment == "production",
        "db_name": "blog",
        "tags": tag_list(deployment.tags),
    }
