from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.demo.replay import Replay, key_of, recordings, replayed

ANCHOR = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def test_a_recording_ends_at_the_anchor_and_repeats(tmp_path):
    (tmp_path / "ec2_cpu_utilization_24ae8d.csv").write_text(
        "timestamp,value\n2014-02-14 14:30:00,1\n2014-02-14 14:35:00,2\n2014-02-14 14:45:00,3\n"
    )
    recorded = recordings(tmp_path)
    now = int(ANCHOR.timestamp())
    samples = Replay(recorded, ANCHOR).samples(recorded[0].key, now - 3600, now + 1200)
    assert samples is not None
    assert [(int(s) - now) // 60 for s in samples.at] == [-20, -15, -5, 0, 5, 15]
    assert samples.total.tolist() == [1, 2, 3, 1, 2, 3]
    assert replayed(tmp_path)[0].period == 300


@pytest.mark.parametrize(
    ("name", "namespace", "metric", "dimension"),
    [
        ("elb_request_count_8c0756", "AWS/ELB", "RequestCount", ("LoadBalancerName", "8c0756")),
        (
            "iio_us-east-1_i-a2eb1cd9_NetworkIn",
            "AWS/EC2",
            "NetworkIn",
            ("InstanceId", "i-a2eb1cd9"),
        ),
        ("anything", "Replay", "Value", ("Series", "anything")),
    ],
)
def test_a_file_name_tells_the_series(name, namespace, metric, dimension):
    key = key_of(name)
    assert (key.namespace, key.metric, key.dimensions) == (namespace, metric, (dimension,))


def test_a_broken_line_is_named(tmp_path):
    (tmp_path / "x.csv").write_text("timestamp,value\n2014-02-14 14:30:00,one\n")
    with pytest.raises(ValueError, match="line 2: expected `timestamp,value`"):
        recordings(tmp_path)
