"""A series is the same whatever the order of its dimensions, and never another."""

from __future__ import annotations

from app.model.ids import Place, SeriesKey

PLACE = Place("111111111111", "eu-central-1")


def test_the_order_of_dimensions_does_not_matter() -> None:
    one = SeriesKey.of(PLACE, "AWS/ECS", "CPUUtilization", {"ServiceName": "a", "ClusterName": "b"})
    two = SeriesKey.of(PLACE, "AWS/ECS", "CPUUtilization", {"ClusterName": "b", "ServiceName": "a"})
    assert one == two
    assert one.digest() == two.digest()


def test_moving_a_letter_between_fields_makes_another_series() -> None:
    one = SeriesKey.of(PLACE, "AWS/A", "Bc", {"D": "e"})
    two = SeriesKey.of(PLACE, "AWS/AB", "c", {"D": "e"})
    three = SeriesKey.of(PLACE, "AWS/A", "Bc", {"De": ""})
    assert len({one.digest(), two.digest(), three.digest()}) == 3


def test_a_digest_never_changes_between_versions() -> None:
    """Stored catalogs depend on it."""
    key = SeriesKey.of(PLACE, "AWS/SQS", "NumberOfMessagesSent", {"QueueName": "orders"})
    assert key.digest().hex() == "e881e5de249015d27ddd8dcd602ab3c0"
