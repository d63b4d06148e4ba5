from __future__ import annotations

import json

import pandas as pd
import pytest
from pydantic import ValidationError

from lib.contract.times import iso
from lib.history import log as history
from lib.history.log import (
    load_history,
    previous_record,
    recent_history,
    record_cycle,
    store_record,
    trades_closed_since,
)
from lib.history.records import CycleRecord
from lib.published.insights import compile_insights
from tests.lib.contract.made import all_published, trades

FIRST, SECOND, THIRD = "2025-10-19T14:00:00Z", "2025-10-19T15:00:00Z", "2025-10-19T16:00:00Z"
FILE, ASIDE = "training_history.jsonl", "training_history.set_aside.txt"


def cycle(
    as_of: str, net: list[float], new: list[float], before: list[CycleRecord], **failed: None
) -> CycleRecord:
    insights = compile_insights(all_published(as_of) | failed, None, as_of)
    return record_cycle(insights, trades(net), trades(new), before)


def test_a_record_holds_the_window_and_what_is_new():
    one = cycle(FIRST, [0.2, -0.1], [0.2, -0.1], [])
    two = cycle(SECOND, [0.2, 0.2, 0.2, -0.1, -0.1], [0.2], [one])
    assert (two.cycle_number, two.timestamp) == (2, SECOND)
    # Five trades: 3 wins, .4 % = $4; the score is that of test_score.test_by_hand
    assert (two.win_rate, two.total_pnl, two.scalper_score.total) == (60.0, 4.0, 100.0)
    assert (two.window.n, two.window.since, two.window.win_rate) == (5, "2025-10-18T15:00:00Z", 60.0)
    assert (two.since_last.n, two.since_last.since, two.since_last.total_pnl) == (1, FIRST, 2.0)
    assert two.since_last.scalper_score.total is None
    assert (two.backtest.total_trades, two.backtest.win_rate_low, two.backtest.breakeven_win_rate) == (
        28,
        20.0,
        57.8,
    )
    assert (two.optimum.trades, two.optimum.rank, two.optimum.learnable_pnl, two.regime) == (
        32,
        0.72,
        7.1,
        "RANGING_QUIET",
    )
    assert set(two.sections.values()) == {"ok"} and two.decisions == "live" and not two.synthetic
    keys = [
        "cycle_number",
        "timestamp",
        "win_rate",
        "total_pnl",
        "scalper_score",
        "key_improvements",
        "window",
        "since_last",
    ]
    assert list(two.model_dump())[:8] == keys


def test_a_record_counts_the_evidence_and_the_candidates_among_the_lessons():
    insights = compile_insights(all_published(FIRST), None, FIRST)
    insights["lessons"] = [{"status": status} for status in ("candidate", "proven", "candidate", "ended")]
    summary = {"hypotheses": 80, "candidates": 77, "proven": 2, "act_on": 1, "ended": 1, "trades": 300}
    insights["evidence"] |= summary | {"episodes": 250, "nearest": 0.4}
    record = record_cycle(insights, trades([0.1]), trades([]), [])
    assert record.candidate_lessons == 2
    assert record.evidence.model_dump() == summary | {"episodes": 250, "nearest": 0.4}
    del insights["evidence"]
    assert record_cycle(insights, trades([0.1]), trades([]), []).evidence is None


def test_records_without_evidence_are_still_read(tmp_path):
    one = cycle(FIRST, [0.1], [0.1], [])
    old = one.model_dump(mode="json")
    del old["evidence"]
    newer = one.model_dump(mode="json") | {"timestamp": SECOND}
    newer["evidence"]["a_later_key"] = 1
    (tmp_path / FILE).write_text("".join(json.dumps(record) + "\n" for record in (old, newer)))
    found = load_history(tmp_path)
    assert [record.evidence for record in found.records] == [None, one.evidence] and not found.set_aside


def test_a_rerun_is_the_same_record_with_the_same_number():
    one = cycle(FIRST, [0.1], [0.1], [])
    two = cycle(SECOND, [0.1, 0.2], [0.2], [one])
    three = cycle(THIRD, [0.1], [], [one, two])
    assert cycle(SECOND, [0.1, 0.2], [0.2], [one, two, three]) == two
    assert cycle(FIRST, [0.1], [0.1], [one, two, three]) == one


def test_an_older_hour_run_later_gets_a_new_number_and_its_own_predecessor():
    one, three = cycle(FIRST, [0.1], [0.1], []), cycle(THIRD, [0.1], [], [])
    late = cycle(SECOND, [0.1], [], [one, three.model_copy(update={"cycle_number": 2})])
    assert late.cycle_number == 3 and late.since_last.since == FIRST


def test_failed_analyses_leave_nulls():
    insights = compile_insights({"regime_and_wicks": all_published(FIRST)["regime_and_wicks"]}, None, FIRST)
    record = record_cycle(insights, None, None, [])
    assert (
        record.win_rate
        is record.total_pnl
        is record.scalper_score
        is record.window
        is record.since_last
        is None
    )
    assert record.backtest is record.optimum is None and record.regime == "RANGING_QUIET"


def test_closed_since_the_cycle_before():
    one = cycle(FIRST, [0.1], [0.1], [])
    exits = pd.to_datetime(
        ["2025-10-19T13:59Z", FIRST, "2025-10-19T14:00:01Z", SECOND, "2025-10-19T15:00:01Z"],
        utc=True,
        format="ISO8601",
    )
    frame = pd.DataFrame({"exit_time": exits, "name": list("abcde")})
    assert trades_closed_since(frame, [one], SECOND)["name"].tolist() == ["c", "d"]
    assert trades_closed_since(frame, [], SECOND)["name"].tolist() == ["a", "b", "c", "d"]
    assert previous_record([one], FIRST) is None


def test_stored_sorted_and_replaced(tmp_path):
    one = cycle(FIRST, [0.1], [0.1], [])
    three = cycle(THIRD, [0.1], [], [one])
    two = cycle(SECOND, [0.1], [], [one, three])
    for record in (one, three, two):
        store_record(tmp_path, record)
    assert load_history(tmp_path).records == [one, two, three]
    again = two.model_copy(update={"total_pnl": 9.0})
    assert store_record(tmp_path, again).records == load_history(tmp_path).records == [one, again, three]
    once = (tmp_path / FILE).read_bytes()
    store_record(tmp_path, again)
    assert (tmp_path / FILE).read_bytes() == once and not (tmp_path / ASIDE).exists()


def test_a_record_behind_the_last_one_is_appended_without_reading_any(tmp_path, monkeypatch):
    one = cycle(FIRST, [0.1], [0.1], [])
    two = cycle(SECOND, [0.1], [], [one])
    for folder, append in ((tmp_path / "a", history.append_record), (tmp_path / "b", store_record)):
        folder.mkdir()
        store_record(folder, one)
        append(folder, two)
    assert (tmp_path / "a" / FILE).read_bytes() == (tmp_path / "b" / FILE).read_bytes()
    assert load_history(tmp_path / "a").records == [one, two]
    monkeypatch.setattr(history, "_load", None)
    history.append_record(tmp_path / "a", cycle(THIRD, [0.1], [], [one, two]))


def many(count: int) -> list[CycleRecord]:
    """Hourly records, all alike but for number and time."""
    one = cycle(FIRST, [0.1], [0.1], [])
    begin = pd.Timestamp(FIRST)
    return [
        one.model_copy(
            update={"cycle_number": number + 1, "timestamp": iso(begin + pd.Timedelta(hours=number))}
        )
        for number in range(count)
    ]


def test_an_hour_s_cost_does_not_grow_with_the_history(tmp_path, monkeypatch):
    records = many(60)
    for record in records[:-1]:
        store_record(tmp_path, record)
    line = len((tmp_path / FILE).read_text().splitlines()[-1]) + 1
    monkeypatch.setattr(history, "RECENT_BYTES", 10 * line + 5)
    recent = load_history(tmp_path, recent=True)
    assert recent.records == records[-11:-1] and recent.set_aside == []
    # Exactly at a line's start nothing is lost of that line.
    monkeypatch.setattr(history, "RECENT_BYTES", sum(len(text) + 1 for text in recent.lines))
    assert load_history(tmp_path, recent=True).records == records[-11:-1]
    before, inode = (tmp_path / FILE).read_bytes(), (tmp_path / FILE).stat().st_ino
    store_record(tmp_path, records[-1])
    after = (tmp_path / FILE).read_bytes()
    assert after.startswith(before) and (tmp_path / FILE).stat().st_ino == inode  # appended, not rewritten
    assert load_history(tmp_path).records == records
    # An old cycle run again sees all of the history, and only its own line changes.
    assert len(recent_history(tmp_path, records[20].timestamp).records) == 60
    assert len(recent_history(tmp_path, records[-1].at + pd.Timedelta(hours=1)).records) < 12
    again = records[20].model_copy(update={"total_pnl": 7.0})
    store_record(tmp_path, again)
    assert load_history(tmp_path).records == [*records[:20], again, *records[21:]]


@pytest.mark.parametrize(("place", "seen"), [(0, False), (-1, True)])
def test_a_new_hour_looks_at_the_newest_records_only(tmp_path, monkeypatch, place, seen):
    records = many(60)
    for record in records[:-1]:
        store_record(tmp_path, record)
    lines = (tmp_path / FILE).read_text().splitlines()
    lines.insert(place, "no record")
    (tmp_path / FILE).write_text("\n".join(lines) + "\n")
    monkeypatch.setattr(history, "LAST_BYTES", 10 * len(lines[1]))
    inode = (tmp_path / FILE).stat().st_ino
    store_record(tmp_path, records[-1])
    # A bad line among the newest is moved aside, which rewrites the file; an old one is counted by whoever reads that far.
    assert ((tmp_path / FILE).stat().st_ino != inode, (tmp_path / ASIDE).exists()) == (seen, seen)
    found = load_history(tmp_path)
    assert found.records == records and found.set_aside == ([] if seen else ["no record"])


def test_no_file_is_an_empty_history(tmp_path):
    assert load_history(tmp_path).records == []


@pytest.mark.parametrize(
    "changed",
    [
        {"wins": -5},
        {"n": -18, "wins": 0, "episodes": 0},
        {"wins": 10**6},
        {"episodes": 10**6},
        {"n": 10**9},
    ],
)
def test_counts_that_cannot_be_are_no_record(tmp_path, changed):
    """They ended `ribbon history` in the middle of its arithmetic."""
    store_record(tmp_path, cycle(FIRST, [0.1], [0.1], []))
    good = json.loads((tmp_path / FILE).read_text())
    assert good["window"]["n"] > 0
    bad = json.dumps(good | {"window": good["window"] | changed})
    (tmp_path / FILE).write_text(f"{bad}\n")
    found = load_history(tmp_path)
    assert found.records == [] and found.set_aside == [bad]


@pytest.mark.parametrize("torn", ['{"cycle_number": 7, "timest', None])
def test_bad_lines_are_set_aside_counted_and_kept(tmp_path, torn):
    one, two = cycle(FIRST, [0.1], [0.1], []), cycle(SECOND, [0.1], [], [])
    store_record(tmp_path, one)
    good = (tmp_path / FILE).read_text()
    newer = json.dumps(json.loads(good) | {"timestamp": SECOND, "a_later_key": 1}) + "\n"
    not_torn = torn or good.strip()  # a whole record without its newline was not written completely either
    wrong_time = json.dumps(json.loads(good) | {"timestamp": "now"})
    (tmp_path / FILE).write_text(good + "not json\n" + wrong_time + "\n" + good + newer + not_torn)
    found = load_history(tmp_path)
    assert [record.timestamp for record in found.records] == [FIRST, SECOND]
    assert found.set_aside == [not_torn, "not json", wrong_time, good.strip()]
    store_record(tmp_path, one)
    assert (tmp_path / ASIDE).read_text().splitlines() == list(found.set_aside)
    assert (tmp_path / FILE).read_text() == good + newer  # another version's keys stay as they are
    assert load_history(tmp_path).set_aside == []
    store_record(tmp_path, two)
    assert len(load_history(tmp_path).records) == 2


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2025-10-19T14:35:10Z", "2025-10-19T14:35:10Z"),
        ("2025-10-19T14:35:10.500000Z", "2025-10-19T14:35:10.5Z"),
        ("2025-10-19T16:35:10+02:00", "2025-10-19T14:35:10Z"),
        ("2025-02-30T14:35:10Z", None),
        ("2025-10-19T24:35:10Z", None),
        ("٢٠٢٥-10-19T14:35:10Z", None),
        ("2025-10-19T14:35:10", None),
        ("now", None),
    ],
)
def test_the_time_of_a_record_is_one_however_it_is_written(written, read):
    found = cycle(FIRST, [0.1], [0.1], []).model_dump(mode="json") | {"timestamp": written}
    if read is None:
        with pytest.raises(ValidationError):
            CycleRecord.read(json.dumps(found))
    else:
        assert CycleRecord.read(json.dumps(found)).timestamp == read
