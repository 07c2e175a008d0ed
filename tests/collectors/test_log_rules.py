"""Which groups are read, and what must never be stored."""

from __future__ import annotations

from typing import Any

import orjson
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue import load_catalogue
from app.config import LogGroupSettings, RedactionSettings
from app.model.ids import Place
from app.model.logs import LogGroup, LogGroupKey
from collectors.log_choice import Rules
from collectors.log_redaction import Redaction

HOME = Place("111111111111", "eu-central-1")
SERVICES = {service.id: service.log_groups for service in load_catalogue()}


def group(name: str, **tags: str) -> LogGroup:
    return LogGroup(LogGroupKey(HOME, name), "arn", tags=tags)


def fits(rule: dict[str, Any], one: LogGroup) -> bool:
    rules = Rules([LogGroupSettings(**rule)], SERVICES, {HOME.account: "shop"})
    return rules.of(one) is not None


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param({}, True, id="nothing given fits all"),
        pytest.param({"names": ["/aws/lambda/*"]}, True, id="prefix"),
        pytest.param({"names": ["*/orders"]}, True, id="end"),
        pytest.param({"names": ["/aws/LAMBDA/*"]}, False, id="case counts"),
        pytest.param({"services": ["lambda"]}, True, id="service"),
        pytest.param({"services": ["rds"]}, False, id="another service"),
        pytest.param({"services": ["sqs"]}, False, id="a service without log groups"),
        pytest.param({"tags": {"team": "a*"}}, True, id="tag"),
        pytest.param({"tags": {"team": "a", "stage": "*"}}, False, id="a tag that is missing"),
        pytest.param({"accounts": ["shop"]}, True, id="account by name"),
        pytest.param({"accounts": ["111111111111"]}, True, id="account by id"),
        pytest.param({"regions": ["us-east-1"]}, False, id="another Region"),
        pytest.param({"names": ["/aws/*"], "tags": {"team": "b"}}, False, id="all must fit"),
        pytest.param({"collect": False}, False, id="left alone"),
    ],
)
def test_a_rule_fits(rule: dict[str, Any], expected: bool) -> None:
    assert fits(rule, group("/aws/lambda/orders", team="a")) is expected


ALL = Redaction.of(RedactionSettings(builtin=["email", "card", "token", "aws_key"]))


def redacted(message: str, rules: Redaction = ALL) -> str:
    [found] = rules.apply(pl.Series([message])).to_list()
    return str(found)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("mail to anna.k+x@mail.example.com now", "mail to ***email*** now"),
        ('{"to":"a\\u0040b.example"}', '{"to":"***email***"}'),
        ("card 4111 1111 1111 1111 ok", "card ***card*** ok"),
        ("card 4111-1111-1111-1111", "card ***card***"),
        ('{"card":4111111111111111,"n":1}', '{"card":"***card***","n":1}'),
        ('{"cards":[378282246310005, 5555555555554444]}', '{"cards":["***card***", "***card***"]}'),
        ("id 4111111111111112", "id 4111111111111112"),
        ("at 1764000000000", "at 1764000000000"),
        ("Authorization: Bearer abc.def-123456", "Authorization: Bearer ***token***"),
        ("basic authentication failed", "basic authentication failed"),
        ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbg", "got ***token***"),
        ('{"password":"a\\"b","n":1}', '{"password":"***token***","n":1}'),
        ('{"b":"{\\"password\\":\\"x y\\"}"}', '{"b":"{\\"password\\":\\"***token***\\"}"}'),
        ("user=u&password=hunter2&x=1", "user=u&password=***token***&x=1"),
        ("ghp_0123456789abcdefghij0123", "***token***"),
        ("key AKIAIOSFODNN7EXAMPLE", "key ***aws_key***"),
        (
            '{"SecretAccessKey":"wJalrXUtnFEMI\\/K7MDENG\\/bPxRfiCYEXAMPLEKEY"}',
            '{"SecretAccessKey":"***aws_key***"}',
        ),
        ('{"a":"caf\\u00e9 \\u0041"}', '{"a":"caf\\u00e9 \\u0041"}'),
        ('{"a":"\\\\u0040"}', '{"a":"\\\\u0040"}'),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_secrets_become_unreadable(message: str, expected: str) -> None:
    assert redacted(message) == expected


def test_a_private_key_goes_with_all_its_lines() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabcd\n-----END RSA PRIVATE KEY-----"
    assert redacted(f"key:\n{key}\nend") == "key:\n***token***\nend"


def test_only_the_chosen_rules_are_applied() -> None:
    rules = Redaction.of(RedactionSettings(builtin=["card"]))
    assert redacted("a@b.example 4111111111111111", rules) == "a@b.example ***card***"
    assert redacted("a@b.example", Redaction.of(RedactionSettings(builtin=[]))) == "a@b.example"


def test_an_expression_of_ones_own_is_replaced_by_its_name() -> None:
    own = [{"name": "customer", "regex": r"cust-\d{4}"}]
    rules = Redaction.of(RedactionSettings.model_validate({"builtin": [], "patterns": own}))
    assert redacted("for cust-1234 and cust-12", rules) == "for ***customer*** and cust-12"


secrets = st.sampled_from(["hunter2", 'a"b', "x\\y", "p@ss.word", "tab\there", "é€"])
texts = st.text(max_size=20)


@given(
    st.dictionaries(texts, st.one_of(texts, st.integers(-(2**62), 2**62), st.booleans())),
    secrets,
    texts,
)
def test_json_stays_json_and_holds_the_secret_in_no_field(
    members: dict[str, Any], secret: str, other: str
) -> None:
    members = {k: v for k, v in members.items() if k != "password"}
    message = orjson.dumps(members | {"password": secret, "other": other}).decode()
    found = orjson.loads(redacted(message))
    assert found["password"] == "***token***"
    assert found.keys() == members.keys() | {"password", "other"}
