"""The whole log: each figure against values computed another way, row by row in decimals."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from lib.contract import schema
from lib.contract.times import iso
from lib.history import whole_log as whole
from lib.history.trends import trends
from lib.history.whole_log import LessonMark, closed_log, publish_whole_log, whole_log, with_lessons
from lib.market.costs import Costs
from tests.lib.history.test_log import FIRST, SECOND, cycle
from tests.lib.history.test_report import effect

BEGUN = datetime(2025, 6, 1, tzinfo=UTC)
COSTS = Costs()


def moment(minutes: float) -> str:
    return (BEGUN + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def at(minutes: float) -> pd.Timestamp:
    return pd.Timestamp(moment(minutes))


def trade(number: int, minute: float, entry: str, exit_: str | None, direction: str = "LONG", **more) -> dict:
    """A row of a trade of two minutes; `exit_` None while it is open."""
    row = {
        "timestamp": moment(minute),
        "direction": direction,
        "entry_recommended": "YES",
        "confidence": "0.8",
        "entry_price": entry,
        "executed": "True",
        "reasoning": 'wick, "fresh"',
        "decision_id": f"d{number}",
        "entry_time": moment(minute),
        "size": "2",
        "fees": "3.6",
    }
    left = (
        {}
        if exit_ is None
        else {"exit_price": exit_, "exit_reason": "TP_HIT", "exit_time": moment(minute + 2)}
    )
    return row | left | more


def log(folder: Path, rows: list[dict]) -> Path:
    with (folder / schema.DECISIONS_FILE).open("w", newline="") as file:
        writer = csv.DictWriter(file, schema.DECISION_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return folder


def by_hand(rows: list[dict], as_of: str) -> tuple[list[Decimal], list[Decimal]]:
    """Running sums before costs and net, of the trades whose exit is known, in order of their exits."""
    closed = sorted(
        (row for row in rows if row["executed"] == "True" and row.get("exit_time", "9") <= as_of),
        key=lambda row: row["exit_time"],
    )
    gross, net, sums = Decimal(0), Decimal(0), ([], [])
    for row in closed:
        entry, left = Decimal(row["entry_price"]), Decimal(row["exit_price"])
        moved = left - entry if row["direction"] == "LONG" else entry - left
        gross += moved
        net += moved - Decimal(row["fees"]) / Decimal(row["size"])
        sums[0].append(gross)
        sums[1].append(net)
    return sums


def many(count: int) -> list[dict]:
    """Trades that rise and fall in turns of forty, every third of them SHORT, and a HOLD or an answer not taken between them."""
    rows = []
    for number in range(count):
        move = (1 if number // 40 % 2 else -1) * (3 + number % 7)
        direction = "SHORT" if number % 3 == 0 else "LONG"
        rows.append(trade(number, 10 * number, "2000", f"{2000 + move}", direction))
        idle = trade(-number - 1, 10 * number + 5, "2000", None, executed="False")
        rows.append(idle | ({"direction": "HOLD"} if number % 2 else {}))
    return rows


def test_every_closed_trade_counts_once_at_its_exit(tmp_path):
    rows = many(30)
    found = whole_log(closed_log(log(tmp_path, rows), at(10_000), COSTS))
    gross, net = by_hand(rows, moment(10_000))
    assert (found.trades, found.since, found.as_of) == (30, moment(0), moment(10_000))
    assert (found.net, found.gross) == (float(net[-1]), float(gross[-1]))
    assert [point.net for point in found.points] == [float(value) for value in net]
    assert [point.gross for point in found.points] == [float(value) for value in gross]
    assert [point.at for point in found.points] == [moment(10 * number + 2) for number in range(30)]
    assert (found.lowest, found.highest) == (float(min(0, *net)), float(max(0, *net)))
    assert found.lowest < 0 and found.unread == ""


def test_no_more_is_known_than_at_the_instant(tmp_path):
    rows = many(30)
    found = whole_log(
        closed_log(log(tmp_path, rows), at(101), COSTS)
    )  # the trade of minute 100 is still open
    gross, net = by_hand(rows, moment(101))
    assert (
        (found.trades, len(net)) == (10, 10)
        and found.net == float(net[-1])
        and found.gross == float(gross[-1])
    )


def test_of_many_trades_the_line_keeps_its_sum_its_ends_and_its_extremes(tmp_path):
    rows = many(2_000)
    found = whole_log(closed_log(log(tmp_path, rows), at(20_000), COSTS))
    gross, net = by_hand(rows, moment(20_000))
    assert found.trades == 2_000 and whole.STRETCHES <= len(found.points) <= whole.STRETCHES + 5
    assert (
        (found.points[-1].net, found.points[-1].gross)
        == (found.net, found.gross)
        == (float(net[-1]), float(gross[-1]))
    )
    assert min(point.net for point in found.points) == float(min(net)) == found.lowest
    assert max(point.gross for point in found.points) == float(max(gross))
    known = dict(zip([moment(10 * number + 2) for number in range(2_000)], map(float, net), strict=True))
    assert all(known[point.at] == point.net for point in found.points)


def test_a_row_without_fees_pays_the_costs_of_the_terms(tmp_path):
    log(tmp_path, [trade(0, 0, "2000", "2010", fees="", size="")])
    found = whole_log(closed_log(tmp_path, at(60), COSTS))
    assert found.gross == 10.0 and found.net == pytest.approx(10.0 - 2000 * COSTS.fees_pct / 100)


def test_a_folder_without_a_closed_trade(tmp_path):
    for folder in (tmp_path, log(tmp_path, [trade(0, 0, "2000", None)])):
        found = whole_log(closed_log(folder, at(60), COSTS))
        assert (found.trades, found.since, found.net, found.points, found.unread) == (0, None, 0.0, [], "")


def test_a_log_that_cannot_be_read_is_said(tmp_path):
    (tmp_path / schema.DECISIONS_FILE).write_text("timestamp,direction\n")
    found = whole_log(closed_log(tmp_path, at(60), COSTS))
    assert found.trades == 0 and "the header lacks a column" in found.unread


def test_marks_say_when_lessons_were_proven_told_and_ended():
    records = [cycle(FIRST, [0.1], [0.1], [])]
    records.append(cycle(SECOND, [0.1], [0.1], records))
    act_on = [
        record.evidence.model_copy(update={"act_on": number})
        for record, number in zip(records, (0, 2), strict=True)
    ]
    history = trends(
        [record.model_copy(update={"evidence": found}) for record, found in zip(records, act_on, strict=True)]
    )
    told = effect(id="a", statement="A gains")
    ended = effect(id="b", statement="B gains", until="2025-10-10T00:00:00Z", ended="no longer true")
    empty = closed_log("/nowhere", pd.Timestamp(SECOND), COSTS)
    found = with_lessons(empty, history, [told, ended, effect(id="c")], {"a"})
    assert found.cycles == 2
    assert found.marks == [
        LessonMark(at="2025-10-09T12:00:00Z", kind="proven", lessons=["A gains"], count=1),
        LessonMark(at="2025-10-10T00:00:00Z", kind="ended", lessons=["B gains"], count=1),
        LessonMark(at=iso(history.index[1]), kind="told", lessons=[], count=2),
    ]
    # Of records that begin later nobody knows which was the first.
    assert [mark.kind for mark in with_lessons(empty, history.iloc[1:], [], set()).marks] == []
    first = history.assign(lessons_to_act_on=1.0)
    assert [(mark.at, mark.count) for mark in with_lessons(empty, first, [], set()).marks] == [(FIRST, 1)]
    assert with_lessons(empty, trends([]), [], set()).cycles == 0


def test_before_and_since_claude_was_told_is_by_when_a_trade_was_decided(tmp_path):
    rows = many(30)  # decided at minutes 0, 10, … 290
    records = [cycle(moment(minute), [0.1], [0.1], []) for minute in (90, 100)]
    history = trends(records).assign(lessons_to_act_on=[0.0, 2.0], cycle_number=[1, 2])
    closed = closed_log(log(tmp_path, rows), at(10_000), COSTS)
    found = with_lessons(closed, history, [], set())
    told = found.told_from
    assert told is not None and told.at == moment(100)
    _, net = by_hand(rows, moment(10_000))
    # The trade that was decided at the very instant is since.
    assert (told.before.total, told.since.total) == (10, 20)
    assert (told.before.total_pnl, told.since.total_pnl) == (float(net[9]), float(net[-1] - net[9]))
    assert told.before.total_pnl + told.since.total_pnl == pytest.approx(found.net)
    assert told.since.net_mean_pct == pytest.approx(float(net[-1] - net[9]) / 20 / 2000 * 100, abs=1e-4)
    assert told.since.net_low_pct < told.since.net_mean_pct < told.since.net_high_pct
    untold = history.assign(lessons_to_act_on=0.0)
    assert with_lessons(closed, untold, [], set()).told_from is None
    assert with_lessons(closed_log("/nowhere", at(10_000), COSTS), history, [], set()).told_from is None


def test_what_is_left_in_the_run_folder_is_read_back(tmp_path):
    from runner.cycle.equity import whole_log_of

    found = whole_log(closed_log(log(tmp_path, many(9)), at(200), COSTS))
    publish_whole_log(found, "")
    assert whole_log_of(tmp_path) is None
    publish_whole_log(found, tmp_path)
    assert whole_log_of(tmp_path) == found
