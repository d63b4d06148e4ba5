"""A folder with data and nothing that runs is a recording; a cycle needs a look only where there is more to know than it knew."""

from __future__ import annotations

import pytest

from runner.serve.health import health, overall
from runner.serve.sentence import sentence, standing
from runner.serve.words import clock

NOW, END = "2026-11-30T16:00:00Z", "2025-06-15T12:00:00Z"
YEAR_S = 533 * 86_400.0


def status(cycle_s: float | None = YEAR_S, sample_s: float = YEAR_S, **changes) -> dict:
    """What `ribbon status` knows of a folder whose newest sample and cycle are so old, seconds."""
    names = "account collector last_tick claude experiment model kill_file last_decision lessons last_trade left_open"
    known = dict.fromkeys(names.split())
    return {
        **known,
        "at": NOW,
        "data": {"ema_data_5min.csv": {"at": END, "age_s": sample_s}},
        "last_cycle": None if cycle_s is None else {"at": END, "age_s": cycle_s},
        "last_decision": {"at": END, "age_s": sample_s, "model": "simulated"},
        "findings": [],
        "faults": [],
    } | changes


def told(**changes) -> str:
    found = status(**changes)
    parts = health(found)
    return f"{standing(found, parts, '')} {sentence(found, parts, '')}".strip()


def stands(**changes) -> str:
    found = status(**changes)
    return overall(found, health(found))


def test_a_recording_needs_no_look():
    assert told() == (
        "A recording that ended on 15 Jun 2025 12:00: nothing was traded in it. Nothing runs here: `ribbon up` begins."
    )
    lessons = {"told": ["Favour: X gain. So sure."]}
    last = {"direction": "SHORT", "net_pnl_pct": -0.24}
    assert told(last_trade=last, lessons=lessons) == (
        "A recording that ended on 15 Jun 2025 12:00: flat. Its last trade, SHORT, made −0.24 %. "
        "Proven: X gain. Nothing runs here: `ribbon up` begins."
    )
    assert stands() == "off"
    assert {part.name: part.state for part in health(status())} == {
        "collector": "off",
        "loop": "off",
        "cycle": "off",
    }


@pytest.mark.parametrize(
    ("cycle_s", "sample_s", "state"),
    [
        (3_600.0, 5.0, "ok"),
        (8_000.0, 5.0, "wrong"),  # the collector goes on, and no cycle
        (8_000.0, 7_900.0, "off"),
        (YEAR_S, YEAR_S - 7_300.0, "wrong"),  # over two hours of data that no cycle has seen
        (None, 5.0, "off"),
    ],
)
def test_a_cycle_is_missed_where_data_went_on(cycle_s, sample_s, state):
    assert {part.name: part.state for part in health(status(cycle_s, sample_s))}["cycle"] == state
    runs = "ok" if sample_s < 60 else "off"
    assert stands(cycle_s=cycle_s, sample_s=sample_s) == ("wrong" if state == "wrong" else runs)


def test_whoever_is_stopped_does_not_stand_well():
    runs = {"cycle_s": 60.0, "sample_s": 5.0}
    assert stands(**runs) == "ok"
    assert stands(**runs, kill_file=True) == stands(**runs, faults=["account: row 3 is no row"]) == "wrong"
    assert stands(**runs, account={"halt": {"reason": "drawdown"}}) == "wrong"
    assert stands(**runs, account={"halt": None}) == "ok"


def test_what_needs_a_look_or_cannot_be_read_is_never_hidden_by_that():
    assert "Needs a look: the cycle" in told(sample_s=YEAR_S - 7_300.0)
    assert "The account cannot be read." in told(faults=["account: row 3 is no row"])
    assert told(kill_file=True).startswith("The kill file is there: no order leaves. A recording that")


def test_another_year_is_said():
    assert clock(END, NOW) == "15 Jun 2025 12:00"
    assert clock("2026-11-29T12:00:00Z", NOW) == "29 Nov 12:00" and clock(NOW, NOW) == "16:00"
    assert clock(END) == "15 Jun 12:00"


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        ({"model": "claude-sonnet-5-5", "answered": True}, END),
        ({"model": "claude-sonnet-5-5", "answered": False}, None),
        ({"model": "rules", "answered": True}, None),
        ({"model": "freqtrade", "reason_code": "imported", "answered": True}, None),
    ],
)
def test_claude_has_the_time_of_its_last_answer(changed, at):
    last = {"at": END, "age_s": 1.0} | changed
    claude = health(status(claude={"state": "ok"}, last_decision=last))[-1]
    assert (claude.name, claude.words, claude.at) == ("Claude", "answers", at)


def test_a_warning_of_claude_is_told_though_it_answers():
    finding = {"part": "claude", "what": "a call cost more than its worst case", "fix": "Set the prices"}
    found = status(claude={"state": "ok"}, findings=[finding])
    (claude,) = [part for part in health(found) if part.name == "Claude"]
    assert (claude.state, claude.words) == ("wrong", finding["what"])
