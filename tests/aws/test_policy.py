"""The printed IAM documents."""

from __future__ import annotations

from app.aws.policy import characters, policy_document, trust_policy


def test_a_document_allows_exactly_the_actions():
    (document,) = policy_document(["sqs:ListQueues", "cloudwatch:ListMetrics", "sqs:ListQueues"])
    assert document == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": ["cloudwatch:ListMetrics", "sqs:ListQueues"],
                "Resource": "*",
            }
        ],
    }


def test_api_gateway_is_read_without_its_keys():
    (document,) = policy_document(["apigateway:GET"])
    (statement,) = document["Statement"]
    assert "arn:aws:apigateway:*::/restapis/*" in statement["Resource"]
    assert not any("apikeys" in arn for arn in statement["Resource"])


def test_publishing_is_allowed_for_named_topics_only():
    topic = "arn:aws:sns:eu-central-1:123456789012:ops"
    (document,) = policy_document(["sqs:ListQueues"], publish_topics=[topic])
    assert document["Statement"][1] == {
        "Sid": "Notify",
        "Effect": "Allow",
        "Action": ["sns:Publish"],
        "Resource": [topic],
    }


def test_a_long_list_is_split_and_nothing_is_lost():
    actions = [f"service{n:03}:DescribeSomethingOfService" for n in range(400)]
    documents = policy_document(actions)
    allowed = [a for d in documents for s in d["Statement"] for a in s["Action"]]
    assert len(documents) == 3
    assert all(characters(document) <= 6144 for document in documents)
    assert sorted(allowed) == actions


def test_the_reader_role_trusts_one_identity_that_knows_the_external_id():
    document = trust_policy("arn:aws:iam::111111111111:role/watchdeck", "shop-7")
    assert document["Statement"][0]["Condition"] == {"StringEquals": {"sts:ExternalId": "shop-7"}}
    assert document["Statement"][0]["Principal"] == {
        "AWS": "arn:aws:iam::111111111111:role/watchdeck"
    }


def test_files_of_log_events_are_read_below_their_prefix_only():
    (document,) = policy_document([], read_buckets=["s3://blog-logs/firehose/", "s3://more"])
    assert document["Statement"] == [
        {
            "Sid": f"{kind}{number}",
            "Effect": "Allow",
            "Action": [action],
            "Resource": resource,
        }
        for number, kind, action, resource in (
            (1, "ListFiles", "s3:ListBucket", "arn:aws:s3:::blog-logs"),
            (1, "Files", "s3:GetObject", "arn:aws:s3:::blog-logs/firehose/*"),
            (2, "ListFiles", "s3:ListBucket", "arn:aws:s3:::more"),
            (2, "Files", "s3:GetObject", "arn:aws:s3:::more/*"),
        )
    ]


def test_a_bucket_is_written_below_its_prefix_only():
    (document,) = policy_document([], buckets=["s3://telemetry/watch/deck/"])
    listing, segments = document["Statement"]
    assert (listing["Action"], listing["Resource"]) == (["s3:ListBucket"], "arn:aws:s3:::telemetry")
    assert segments["Action"] == ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    assert segments["Resource"] == "arn:aws:s3:::telemetry/watch/deck/*"
    (document,) = policy_document([], buckets=["s3://telemetry"])
    assert document["Statement"][1]["Resource"] == "arn:aws:s3:::telemetry/*"
