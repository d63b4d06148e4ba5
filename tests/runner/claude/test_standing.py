"""What `ribbon status` is shown."""

from __future__ import annotations

import json
import os
import re

import pandas as pd
import pytest

from lib.errors import DataError
from runner.claude.model_cost import ModelCost
from runner.claude.standing import (
    COSTS_MORE,
    MOST_WARNINGS,
    NO_COST,
    NOT_CACHED,
    STANDING_FILE,
    ClaudeState,
    read_standing,
)


def test_it_is_written_whole(tmp_path):
    standing = ClaudeState(state="ok", cost=ModelCost(2, 0.5, 0.25, 1, 2.0, 250))
    standing.outcomes.update(["timeout", "ok", "ok"])
    standing.write(tmp_path)
    shown = json.loads((tmp_path / "claude.json").read_text())
    assert shown == standing.summary() and set(shown) == set(ClaudeState.model_fields)
    assert list(shown["outcomes"]) == ["ok", "timeout"]
    assert (shown["state"], shown["outcomes"]) == ("ok", {"ok": 2, "timeout": 1})
    assert ModelCost(**shown["cost"]) == standing.cost


def test_warnings_are_told_once_and_the_oldest_gives_way():
    standing = ClaudeState(state="ok")
    for number in (*range(MOST_WARNINGS + 1), MOST_WARNINGS):
        standing.warn(f"warning {number}")
    assert len(standing.warnings) == MOST_WARNINGS
    assert (standing.warnings[0], standing.warnings[-1]) == ("warning 1", f"warning {MOST_WARNINGS}")


def test_where_all_is_well_nothing_is_to_be_done():
    assert ClaudeState(state="ok", reason="billing", detail="of earlier").findings(90) == []


@pytest.mark.parametrize(
    ("outcomes", "told", "fix"),
    [
        ({"max_tokens": 5, "timeout": 9}, "5 of 5 answers .*: 5 max_tokens", r"Raise \[claude\] max_tokens"),
        ({"max_tokens": 2, "range": 4, "ok": 6}, "6 of 12 answers .*: 2 max_tokens, 4 range", "Raise"),
        ({"shape": 5, "ok": 1}, "5 of 6 answers .*: 5 shape", "Choose another .*ribbon why last"),
        ({"shape": 5, "ok": 6}, "", ""),
        ({"max_tokens": 4}, "", ""),
    ],
)
def test_answers_that_are_paid_for_and_mostly_cannot_be_taken_are_told(outcomes, told, fix):
    standing = ClaudeState(state="ok")
    standing.outcomes.update(outcomes)
    found = standing.findings(90)
    assert len(found) == bool(told)
    assert all(re.match(told, what) and re.match(fix, remedy) for what, remedy in found)


@pytest.mark.parametrize("state", ["ok", "blocked"])
@pytest.mark.parametrize(
    ("warning", "fix"),
    [
        (COSTS_MORE, r"Set \[claude.prices\]"),
        (NOT_CACHED, r"Look at \[claude\] base_url"),
        (NO_COST, r"Look at \[claude\] base_url"),
        ("a cost could not be written: the disk is full", "Mend what it names"),
    ],
)
def test_a_warning_is_told_with_what_to_do_whether_claude_is_asked_or_not(state, warning, fix):
    standing = ClaudeState(state=state)
    standing.warn(warning)
    *others, (what, remedy) = standing.findings(90)
    assert (what, len(others)) == (warning, state != "ok")
    assert re.match(f"{fix}.*; it is told until `ribbon trade` is started again", remedy)


@pytest.mark.parametrize(
    ("fields", "who", "fix"),
    [
        (
            {"state": "blocked", "reason": "disabled"},
            "disabled",
            "Ask the support of the API why the organization is disabled, or set a key of another one: ANTHROPIC_API_KEY; "
            "start `ribbon trade` again then, which keeps the key and the settings that it began with",
        ),
        (
            {"state": "blocked", "reason": "billing"},
            "billing",
            "Add credit, or raise the spend limit, in the console of the API",
        ),
        (
            {"state": "blocked", "reason": "authentication"},
            "authentication",
            "Set a key that is valid: ANTHROPIC_API_KEY; start `ribbon trade` again then, which keeps the key and the settings that it "
            "began with",
        ),
        ({"state": "blocked"}, "blocked", "Do what the API says; a restart of `ribbon trade` tries at once"),
        (
            {"state": "budget"},
            "budget",
            "Every decision is HOLD until a new day (UTC) has room; raise [claude] daily_cap_usd or max_calls_per_day if that is meant; "
            "start `ribbon trade` again then, which keeps the key and the settings that it began with",
        ),
    ],
)
@pytest.mark.parametrize("again", ["", "2026-01-05T00:15:00Z"])
def test_what_is_wrong_is_told_with_its_age_its_remedy_and_the_next_try(fields, who, fix, again):
    state = ClaudeState(**fields, detail="HTTP 400", since="2026-01-05T00:00:00Z", retry_at=again)
    what = f"not asked: {who} since 2026-01-05T00:00:00Z: HTTP 400 (told 90 s ago)"
    assert state.findings(90) == [(what, fix + (f"; it is tried again at {again}" if again else ""))]


def test_it_is_read_with_its_age_which_is_never_below_none(tmp_path):
    now = pd.Timestamp("2026-01-05T12:00:00Z")
    assert read_standing(tmp_path, now) is None
    state = ClaudeState(state="blocked", reason="billing")
    state.write(tmp_path)
    for written, age in ((now.timestamp() - 90, 90.0), (now.timestamp() + 90, 0.0)):
        os.utime(tmp_path / STANDING_FILE, (written, written))
        assert read_standing(tmp_path, now) == (state, age)


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"{}", r"\(Field required\)"), (b"\xff", "'utf-8' codec"), (b'{"state": "well"}', "'ok'")],
)
def test_a_file_that_is_none_is_refused_with_why_and_what_mends_it(tmp_path, content, why):
    (tmp_path / STANDING_FILE).write_bytes(content)
    with pytest.raises(DataError, match=why) as refused:
        read_standing(tmp_path, pd.Timestamp("2026-01-05T12:00:00Z"))
    assert "`ribbon trade` writes it anew" in str(refused.value) and STANDING_FILE in str(refused.value)
