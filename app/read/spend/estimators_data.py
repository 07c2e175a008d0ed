"""What keeping and passing on data bills: stores, tables, queues, topics, streams, keys."""

from __future__ import annotations

from app.read.spend.estimator import plain

_S3 = "Amazon Simple Storage Service"
_SQS = "Amazon Simple Queue Service"
_DYNAMODB = "Amazon DynamoDB"
_STORED = {
    "stored_gb": ("GB", "TimedStorage-ByteHrs"),
    "pitr_gb": ("GB", "TimedPITRStorage-ByteHrs"),
    "backup_gb": ("GB", "TimedBackupStorage-ByteHrs"),
    "stream_reads": ("requests", "Streams-Requests"),
}

DATA = (
    plain(
        "s3",
        "S3",
        _S3,
        {
            "stored_gb": ("GB", "TimedStorage-ByteHrs"),
            "puts": ("requests", "Requests-Tier1"),
            "gets": ("requests", "Requests-Tier2"),
            "standard_ia_gb": ("GB", "TimedStorage-SIA-ByteHrs"),
            "standard_ia_puts": ("requests", "Requests-SIA-Tier1"),
            "standard_ia_gets": ("requests", "Requests-SIA-Tier2"),
            "standard_ia_retrieved_gb": ("GB", "Retrieval-SIA"),
            "one_zone_ia_gb": ("GB", "TimedStorage-ZIA-ByteHrs"),
            "one_zone_ia_puts": ("requests", "Requests-ZIA-Tier1"),
            "one_zone_ia_gets": ("requests", "Requests-ZIA-Tier2"),
            "intelligent_frequent_gb": ("GB", "TimedStorage-INT-FA-ByteHrs"),
            "intelligent_infrequent_gb": ("GB", "TimedStorage-INT-IA-ByteHrs"),
            "intelligent_objects": ("objects", "Monitoring-Automation-INT"),
            "glacier_instant_gb": ("GB", "TimedStorage-GIR-ByteHrs"),
            "glacier_gb": ("GB", "TimedStorage-GlacierByteHrs"),
            "glacier_puts": ("requests", "Requests-GLACIER-Tier1"),
            "deep_archive_gb": ("GB", "TimedStorage-GDA-ByteHrs"),
            "deep_archive_puts": ("requests", "Requests-GDA-Tier1"),
            "select_scanned_gb": ("GB", "Select-Scanned-Bytes"),
            "select_returned_gb": ("GB", "Select-Returned-Bytes"),
        },
    ),
    plain("sqs", "SQS standard queues", _SQS, {"requests": ("requests", "Requests-Tier1")}),
    plain("sqs_fifo", "SQS FIFO queues", _SQS, {"requests": ("requests", "Requests-FIFO-Tier1")}),
    plain(
        "sns",
        "SNS",
        "Amazon Simple Notification Service",
        {
            "requests": ("requests", "Requests-Tier1"),
            "http": ("deliveries", "DeliveryAttempts-HTTP"),
            "emails": ("e-mails", "DeliveryAttempts-SMTP"),
        },
    ),
    plain(
        "dynamodb_on_demand",
        "DynamoDB on demand",
        _DYNAMODB,
        {
            "read_units": ("request units", "ReadRequestUnits"),
            "write_units": ("request units", "WriteRequestUnits"),
            **_STORED,
        },
    ),
    plain(
        "dynamodb_provisioned",
        "DynamoDB provisioned",
        _DYNAMODB,
        {
            "read_unit_hours": ("unit-hours", "ReadCapacityUnit-Hrs"),
            "write_unit_hours": ("unit-hours", "WriteCapacityUnit-Hrs"),
            **_STORED,
        },
    ),
    plain(
        "eventbridge",
        "EventBridge",
        "Amazon EventBridge",
        {
            "events": ("custom, partner and cross-account events", "Event-64K-Chunks"),
            "archived_gb": ("GB", "TimedStorage-ByteHrs"),
            "archiving_gb": ("GB written", "ArchivedEvents-Bytes"),
            "scheduled": ("invocations of schedules", "ScheduledInvocation"),
        },
    ),
    plain(
        "step_functions",
        "Step Functions",
        "AWS Step Functions",
        {
            "transitions": ("transitions", "StateTransition"),
            "express_requests": ("requests", "StepFunctions-Request"),
            "express_gb_seconds": ("GB-seconds", "StepFunctions-GB-Second"),
        },
    ),
    plain(
        "kinesis",
        "Kinesis data streams",
        "Amazon Kinesis",
        {
            "shard_hours": ("hours", "Storage-ShardHour"),
            "put_units": ("units of 25 KB", "PutRequestPayloadUnits"),
            "on_demand_hours": ("hours", "OnDemand-StreamHour"),
            "on_demand_in_gb": ("GB", "OnDemand-BilledIncomingBytes"),
            "on_demand_out_gb": ("GB", "OnDemand-BilledOutgoingBytes"),
        },
    ),
    plain(
        "firehose", "Firehose", "Amazon Kinesis Firehose", {"ingested_gb": ("GB", "BilledBytes")}
    ),
    plain(
        "kms",
        "KMS",
        "AWS Key Management Service",
        {"keys": ("keys", "KMS-Keys"), "requests": ("requests", "KMS-Requests")},
    ),
    plain(
        "secrets",
        "Secrets Manager",
        "AWS Secrets Manager",
        {
            "secrets": ("secrets", "AWSSecretsManager-Secrets"),
            "requests": ("requests", "AWSSecretsManagerAPIRequest"),
        },
    ),
)
