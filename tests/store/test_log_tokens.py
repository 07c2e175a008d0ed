"""The token filter: it never misses what is there, and rarely points to what is not."""

from __future__ import annotations

import json
import random
from hashlib import blake2b

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.store.log_keys import Keys, keys_inside, keys_of, keys_of_equal
from app.store.log_tokens import BLOCK, filter_of, holds, places

UUID = "f96eea7e-1b2c-4d3e-8f90-a1b2c3d4e5f6"
TRACE = "1-67891233-abcdef012345678912345678"
HEX = "4bf92f3577b34da6a3ce929d0e0e4736"
SHORT = "JKJaXmPLvHcESHA1"

texts = st.text('aB3-_ "{}:\\/.\n', max_size=40) | st.sampled_from([UUID, HEX, TRACE, SHORT])
messages = st.lists(texts, max_size=8).map("".join)


def is_in(wanted: Keys, content: bytes) -> bool:
    blocks = [content[at : at + BLOCK] for at in places(wanted, len(content))]
    return holds(wanted, blocks) if content else not len(wanted)


def filtered(*held: str) -> bytes:
    return filter_of(keys_of(pl.Series(held)))


@given(messages, st.data())
@settings(deadline=None)
def test_a_filter_never_misses_a_part_of_a_message(message: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(message)))
    part = message[start : data.draw(st.integers(start, len(message)))]
    assert is_in(keys_inside(part, of_message=True), filtered("other", message))


@given(messages, st.data(), st.booleans())
@settings(deadline=None)
def test_a_filter_never_misses_a_part_of_a_field(
    value: str, data: st.DataObject, coded: bool
) -> None:
    text = json.dumps({"id": value, "n": 1})
    if coded:
        text = text.replace("-", "\\u002d").replace("B", "\\u0042")
    start = data.draw(st.integers(0, len(value)))
    part = value[start : data.draw(st.integers(start, len(value)))]
    held = filtered(text)
    assert is_in(keys_inside(part), held)
    assert is_in(keys_of_equal(value), held)


@pytest.mark.parametrize("number", [0.30000000000000004, 1.2345678901234567e-7, 1e300])
def test_a_number_that_a_field_may_spell_in_another_way_is_not_looked_for(number: float) -> None:
    assert not len(keys_of_equal(str(number)))
    assert not len(keys_inside(f" {number} "))


@pytest.mark.parametrize(
    "literal",
    [
        pytest.param(UUID, id="a request id"),
        pytest.param(HEX, id="32 hexadecimal digits"),
        pytest.param(TRACE, id="a trace id"),
        pytest.param(UUID[6:29], id="23 bytes out of a request id"),
        pytest.param(f"={SHORT} ", id="a short id with what stands around it"),
    ],
)
def test_an_id_is_looked_for_and_hardly_ever_seems_to_be_where_it_is_not(literal: str) -> None:
    wanted = keys_inside(literal)
    assert len(wanted) >= 1
    assert is_in(wanted, filtered(f"a{literal}b"))
    draw = np.random.default_rng(1)
    others = [filtered(*(f"id={draw.bytes(16).hex()}" for _ in range(60))) for _ in range(200)]
    assert sum(is_in(wanted, other) for other in others) < 20


@pytest.mark.parametrize(
    "literal",
    [
        pytest.param("ERROR", id="a word"),
        pytest.param("no-digits-in-this-very-long-one", id="no digit"),
        pytest.param(UUID[:22], id="22 bytes that may go on"),
        pytest.param(SHORT, id="a short id that may go on"),
        pytest.param("", id="nothing"),
    ],
)
def test_of_some_literals_nothing_can_be_said(literal: str) -> None:
    assert not len(keys_inside(literal))


def test_an_id_after_an_escaped_line_end_is_found_as_what_it_is() -> None:
    held = filtered('{"text":"first\\nreq-1234567890abcd"}')
    assert is_in(keys_inside("\nreq-1234567890abcd\n"), held)


def test_keys_lie_in_files_and_never_change() -> None:
    found = keys_of(pl.Series([f"{UUID} {SHORT}"]))
    assert found.tolist() == [5704779383367731415, 13926512403643281817, 2689695185826855908]


def test_keys_of_runs_of_every_length_never_change() -> None:
    draw, signs = random.Random(5), "0123456789abcdefXYZ-_"
    runs = ["".join(signs[int(draw.random() * 21)] for _ in range(n)) for n in range(10, 300)]
    for messages in ([" ".join(runs)], runs):
        keys = np.unique(keys_of(pl.Series(messages)))
        assert (len(keys), int(np.bitwise_xor.reduce(keys))) == (4757, 4777794634071086847)


def test_ids_in_long_messages_are_found_few_messages_at_a_time() -> None:
    ids = [blake2b(bytes([number]), digest_size=16).hexdigest() for number in range(12)]
    held = filtered(*(f"{'x ' * 500_000}{one}" for one in ids))
    assert all(is_in(keys_of_equal(one), held) for one in ids)


def test_a_filter_takes_a_byte_for_each_key() -> None:
    keys = np.random.default_rng(2).integers(0, 2**64, 100_000, dtype=np.uint64)
    assert len(filter_of(keys)) == pytest.approx(100_000, rel=0.05)
    others = np.random.default_rng(3).integers(0, 2**64, 4_000, dtype=np.uint64)
    content = filter_of(keys)
    assert all(is_in(keys[n : n + 1], content) for n in range(2_000))
    seeming = sum(is_in(others[n : n + 1], content) for n in range(4_000))
    assert seeming / 4_000 == pytest.approx(0.035, abs=0.015)
