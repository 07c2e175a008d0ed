"""What switches a check off, and what catches everything, says why on its line."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT, tracked

CHECKED = ("app", "collectors", "alerts", "dashboards")
"""What mypy reads: only there does it ask for anything to be ignored."""

SUPPRESSION = re.compile(r"#\s*(?:noqa|type: ignore|pragma: no)\b(?P<rest>.*)")
WITH_REASON = re.compile(r"(?:: [A-Z]+\d+(?:, ?[A-Z]+\d+)*|\[[\w, -]+\]| \w+)\W+\w\S* \S.*")
CATCHES_ALL = re.compile(r"^ *except(?: \(?(?:Base)?Exception\b[^:#]*)?:(?! +# \w+ \w+)", re.M)


def lines(*folders: str) -> list[tuple[str, str]]:
    """Where each line of our Python stands, and the line."""
    return [
        (f"{path.relative_to(ROOT)}:{number}", line)
        for path in tracked()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    ]


def lacks_reason(line: str) -> bool:
    """A suppression names what it switches off, and then says why in two words or more."""
    found = SUPPRESSION.search(line)
    return found is not None and WITH_REASON.fullmatch(found["rest"]) is None


def test_what_is_switched_off_has_its_reason_beside_it() -> None:
    ours = lines(*CHECKED, "bench", "tests")
    assert [at for at, line in ours if lacks_reason(line)] == []


def test_nothing_is_ignored_where_no_type_is_checked() -> None:
    assert [at for at, line in lines("bench", "tests") if "# type: ig" + "nore" in line] == []


def test_what_catches_everything_says_why() -> None:
    ours = lines(*CHECKED, "bench")
    assert [at for at, line in ours if CATCHES_ALL.search(line)] == []


@pytest.mark.parametrize(
    ("line", "wanting"),
    [
        ("x = y()  # no" + "qa: S101", True),
        ("x = y()  # no" + "qa", True),
        ("x = y()  # no" + "qa: S101 - the parser makes no other", False),
        ("x = y()  # type: ig" + "nore[misc]", True),
        ("x = y()  # type: ig" + "nore", True),
        ("x = y()  # type: ig" + "nore[misc]  # it ships no types", False),
        ("x = y()  # prag" + "ma: no cover", True),
    ],
)
def test_a_suppression_without_a_reason_is_seen(line: str, wanting: bool) -> None:
    assert lacks_reason(line) is wanting


@pytest.mark.parametrize(
    ("line", "wanting"),
    [
        ("    except Exception:", True),
        ("except BaseException as error:", True),
        ("except:", True),
        ("except (Exception, KeyError):", True),
        ("except Exception as error:  # the others go on", False),
        ("except ValueError:", False),
    ],
)
def test_a_broad_net_without_a_reason_is_seen(line: str, wanting: bool) -> None:
    assert bool(CATCHES_ALL.search(line)) is wanting
