"""Verdicts, their exit codes and their words."""

from __future__ import annotations

import json

import pytest

from runner.errors import LookaheadError, LookaheadUnchecked
from runner.lookahead.findings import SHOWN, Check, LookaheadFinding, lines, raise_for

CLEAN = Check("20250615T110000Z", "2025-06-15T10:00:00Z", compared=7, later_rows={"a.csv": 3, "b.csv": 1})
FOUND = Check("own.ipynb", "2025-06-15T10:00:00Z", "found")
FOUND.findings = [
    LookaheadFinding("cut", "results/x.json", f"result.n[{place}]", place, 99) for place in range(8)
]


def test_clean_and_changed_raise_nothing():
    raise_for([CLEAN, Check("c", "", "changed")])


def test_a_finding_raises_15_and_names_cycle_file_path_and_values():
    with pytest.raises(LookaheadError) as raised:
        raise_for([CLEAN, Check("c", "", "unchecked", notes=["why"]), FOUND])
    assert raised.value.exit_code == 15
    for part in (
        "8 values",
        "own.ipynb",
        "2025-06-15T10:00:00Z",
        "results/x.json",
        "result.n[0]",
        "is 0",
        "99",
    ):
        assert part in str(raised.value)


@pytest.mark.parametrize("checks", [[], [CLEAN, Check("c", "", "unchecked", notes=["why"])]])
def test_comparing_nothing_is_no_success(checks):
    with pytest.raises(LookaheadUnchecked) as raised:
        raise_for(checks)
    assert raised.value.exit_code == 1


def test_what_could_not_be_checked_at_each_of_its_instants_is_told_once():
    at = [Check("own.ipynb", f"2025-06-15T{hour}:00:00Z", "unchecked", notes=["why"]) for hour in (10, 11)]
    with pytest.raises(LookaheadUnchecked) as raised:
        raise_for([*at, Check("other.ipynb", "", "unchecked", notes=["why"])])
    assert str(raised.value) == "nothing can be said of own.ipynb: why; other.ipynb: why"


def test_lines_count_what_was_compared_and_name_the_first_findings():
    assert lines(CLEAN) == [
        "20250615T110000Z at 2025-06-15T10:00:00Z: clean; 7 values compared, 4 later rows"
    ]
    told = lines(FOUND)
    assert told[1] == "  cut: results/x.json, result.n[0]: 0 → 99"
    assert len(told) == SHOWN + 2 and "and 3 more" in told[-1]


def test_a_check_is_json():
    assert json.loads(json.dumps(FOUND.as_dict()))["findings"][3] == {
        "mode": "cut",
        "file": "results/x.json",
        "path": "result.n[3]",
        "then": 3,
        "now": 99,
    }
