"""Decisions cut and poisoned: rows, fills and exits, each at its own time."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest

from lib.contract.schema import DECISION_COLUMNS, EXIT_COLUMNS, FILL_COLUMNS
from lib.data.decisions import load_decisions
from runner.lookahead.decisions import alter_decisions

AS_OF = pd.Timestamp("2026-01-05T01:00:00Z")
CLOSED = {
    "timestamp": "2026-01-05T00:20:00Z",
    "direction": "LONG",
    "entry_recommended": "YES",
    "confidence": "0.8",
    "entry_price": "100.5",
    "executed": "True",
    "reasoning": 'says "go", and more',
    "exit_price": "100.8",
    "exit_reason": "TP_HIT",
    "pnl_pct": "0.3",
    "decision_id": "a",
    "entry_time": "2026-01-05T00:20:10Z",
    "exit_time": "2026-01-05T00:40:00Z",
    "stop_price": "100.3",
    "target_price": "100.8",
    "size": "1",
    "fees": "0.1",
    "net_pnl_pct": "0.21",
    "state_5min": "all_green",
    "state_15min": "mixed",
}
OPEN = CLOSED | {
    "timestamp": "2026-01-05T00:50:00Z",
    "entry_time": "2026-01-05T00:50:10Z",
    "decision_id": "b",
}
OPEN |= {"exit_time": "2026-01-05T01:10:00Z"}
UNFILLED = OPEN | {
    "timestamp": "2026-01-05T01:00:00Z",
    "entry_time": "2026-01-05T01:00:10Z",
    "decision_id": "c",
}
LATER = CLOSED | {
    "timestamp": "2026-01-05T01:00:01Z",
    "entry_time": "2026-01-05T01:00:20Z",
    "decision_id": "d",
}
LATER |= {"exit_time": "2026-01-05T01:20:00Z"}


def written(*rows: dict[str, str]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, DECISION_COLUMNS, restval="", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


@pytest.fixture
def altered(tmp_path):
    def run(mode: str, *rows: dict[str, str]) -> tuple[list[dict[str, str]], int]:
        (tmp_path / "in.csv").write_text(written(*rows))
        later = alter_decisions(tmp_path / "in.csv", tmp_path / "claude_decisions.csv", AS_OF, mode, None)
        with (tmp_path / "claude_decisions.csv").open(newline="") as file:
            return list(csv.DictReader(file)), later

    return run


def blank(row: dict[str, str]) -> set[str]:
    return {name for name in CLOSED if not row[name]}


def test_cut_blanks_what_was_not_known_and_drops_what_was_not_made(altered):
    rows, later = altered("cut", CLOSED, OPEN, UNFILLED, LATER)
    assert ([row["decision_id"] for row in rows], later) == (["a", "b", "c"], 3)
    assert blank(rows[0]) == set() and rows[0]["reasoning"] == CLOSED["reasoning"]
    assert blank(rows[1]) == set(EXIT_COLUMNS) and rows[1]["executed"] == "True"
    assert blank(rows[2]) == {*FILL_COLUMNS, *EXIT_COLUMNS} and rows[2]["executed"] == "False"


def test_known_rows_keep_their_bytes(altered, tmp_path):
    altered("cut", CLOSED, LATER)
    assert (tmp_path / "claude_decisions.csv").read_text() == written(CLOSED)


def test_poison_makes_exits_of_open_trades_absurd_and_tells_nothing(altered):
    (row,), later = altered("poison", OPEN)
    assert later == 1
    assert (row["exit_price"], row["exit_reason"], row["pnl_pct"]) == ("9100.8", "SL_HIT", "90.3")
    assert row["entry_price"] == "100.5" and row["exit_time"] == OPEN["exit_time"]


def test_poison_turns_later_decisions(altered):
    (row,), _ = altered("poison", LATER)
    assert (row["direction"], row["entry_price"], row["state_5min"]) == ("SHORT", "9100.5", "all_red")
    assert (row["timestamp"], row["confidence"], row["reasoning"]) == (
        LATER["timestamp"],
        "0.8",
        LATER["reasoning"],
    )


def test_an_exit_without_a_time_is_known_45_minutes_after_its_decision(altered):
    old = {name: "" if name.endswith("_time") else CLOSED[name] for name in CLOSED}
    (known, unknown), later = altered(
        "cut",
        old | {"timestamp": "2026-01-05T00:15:00Z", "decision_id": "x"},
        old | {"timestamp": "2026-01-05T00:15:01Z", "decision_id": "y"},
    )
    assert (known["exit_price"], unknown["exit_price"], later) == ("100.8", "", 1)
    assert unknown["entry_price"] == "100.5"


@pytest.mark.parametrize("mode", ["cut", "poison"])
def test_readers_see_at_the_instant_what_they_saw(altered, tmp_path, mode):
    altered(mode, CLOSED, OPEN, UNFILLED, LATER)
    seen, _ = load_decisions(tmp_path, None, AS_OF)
    (tmp_path / "whole").mkdir()
    (tmp_path / "whole" / "claude_decisions.csv").write_text(written(CLOSED, OPEN, UNFILLED, LATER))
    true, _ = load_decisions(tmp_path / "whole", None, AS_OF)
    pd.testing.assert_frame_equal(seen, true)
    assert len(true) == 3


def test_a_broken_row_stays_with_the_one_before_it(tmp_path):
    text = written(CLOSED) + "broken\n" + written(LATER).split("\n", 1)[1] + "broken later\n"
    (tmp_path / "in.csv").write_text(text)
    assert alter_decisions(tmp_path / "in.csv", tmp_path / "out.csv", AS_OF, "cut", None) == 1
    assert (tmp_path / "out.csv").read_text() == written(CLOSED) + "broken\n"
