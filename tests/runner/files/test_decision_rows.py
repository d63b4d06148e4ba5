"""Decisions into a file that is not as one would make it: rows without an id, rows that are none."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib.contract import schema
from runner.files.journal import Journal
from runner.files.tables import (
    WriteCounts,
    append_candles,
    append_samples,
    candles_journal,
    decisions_journal,
    insert_decisions,
    samples_journal,
    write_decisions,
)
from tests.runner.files.test_tables import candles, decision, decisions, samples

FILE = "claude_decisions.csv"
FIRST, EXIT = "2025-01-01T00:00:00Z", pd.Timestamp("2025-01-01T00:09:00Z")


def lines(folder: Path) -> list[str]:
    return (folder / FILE).read_text().splitlines()[1:]


def test_decisions_without_an_id_are_told_apart_by_their_rows(tmp_path: Path) -> None:
    one, other = decision(FIRST, "rules"), decision(FIRST, "rules", direction="SHORT")
    write_decisions(tmp_path, decisions(one))
    assert write_decisions(tmp_path, decisions(one, other)) == WriteCounts(rows=1, skipped=1)
    assert [line.split(",")[1] for line in lines(tmp_path)] == ["LONG", "SHORT"]


def test_an_exit_without_an_id_completes_no_other_decision_without_one(tmp_path: Path) -> None:
    write_decisions(tmp_path, decisions(decision(FIRST, "rules")))
    before = lines(tmp_path)
    closed = decision("2025-01-01T00:01:00Z", "rules", exit_time=EXIT, exit_reason="TP_HIT")
    assert write_decisions(tmp_path, decisions(closed)) == WriteCounts(rows=1)
    assert lines(tmp_path)[:1] == before


def test_only_what_was_executed_and_has_no_exit_is_completed(tmp_path: Path) -> None:
    held = decision(FIRST, "rules", decision_id="a", executed=False)
    ended = decision(FIRST, "rules", decision_id="b", exit_time=EXIT, exit_reason="SL_HIT")
    write_decisions(tmp_path, decisions(held, ended))
    before = lines(tmp_path)
    again = [
        decision(FIRST, "rules", decision_id=name, exit_time=EXIT, exit_reason="TP_HIT") for name in "ab"
    ]
    assert write_decisions(tmp_path, decisions(*again)) == WriteCounts(skipped=2)
    assert lines(tmp_path) == before


def test_a_row_that_is_none_is_passed_by_and_stays(tmp_path: Path) -> None:
    imported = {"reason_code": schema.IMPORTED}
    write_decisions(tmp_path, decisions(decision(FIRST, decision_id="a", **imported)))
    with (tmp_path / FILE).open("a") as file:
        file.write("what,is,this\n")
    second = decision("2025-01-01T02:00:00Z", decision_id="c", **imported)
    assert write_decisions(tmp_path, decisions(second)) == WriteCounts(rows=1)
    between = decision("2025-01-01T01:00:00Z", decision_id="b", **imported)
    with decisions_journal(tmp_path, decisions(between)) as journal:
        assert insert_decisions(journal, decisions(between)) == WriteCounts(filled=1)
    assert [line[:19] for line in lines(tmp_path)] == [
        *("2025-01-01T00:00:00", "what,is,this", "2025-01-01T01:00:00", "2025-01-01T02:00:00")
    ]


def test_a_new_file_of_inserted_decisions_has_the_columns_of_what_it_is_given(tmp_path: Path) -> None:
    frame = decisions(decision(FIRST, decision_id="a", reason_code=schema.IMPORTED)).assign(venue="there")
    with Journal(tmp_path / FILE, ("timestamp",)) as journal:
        assert insert_decisions(journal, frame) == WriteCounts(rows=1)
    assert (tmp_path / FILE).read_text().partition("\n")[0].endswith(",venue")
    assert lines(tmp_path)[0].endswith(",there")


def test_what_is_written_is_told_as_it_goes(tmp_path: Path) -> None:
    told: list[int] = []
    frame = samples(7)
    with samples_journal(tmp_path, "5min", frame) as journal:
        append_samples(journal, frame, "ETHUSDT", 2, progress=told.append)
    with candles_journal(tmp_path, "5min") as journal:
        append_candles(journal, candles(0, 5, 10), 2, told.append)
    assert told == [7, 3]


def test_a_decision_from_before_the_last_one_is_not_put_behind_it(tmp_path: Path) -> None:
    write_decisions(tmp_path, decisions(decision("2025-01-01T02:00:00Z", "rules", decision_id="b")))
    before = lines(tmp_path)
    older = decisions(decision(FIRST, "rules", decision_id="a"), decision(FIRST, "rules"))
    assert write_decisions(tmp_path, older) == WriteCounts(skipped=2)
    assert lines(tmp_path) == before


def test_a_decision_inserted_at_the_time_of_the_last_one_follows_it(tmp_path: Path) -> None:
    rows = [decision(FIRST, decision_id=name, reason_code=schema.IMPORTED) for name in "ab"]
    with decisions_journal(tmp_path, decisions(*rows)) as journal:
        insert_decisions(journal, decisions(rows[0]))
        assert insert_decisions(journal, decisions(*rows)) == WriteCounts(filled=1, skipped=1)
        place = journal.header.index("decision_id")
    assert [line.split(",")[place] for line in lines(tmp_path)] == ["a", "b"]


def test_no_decisions_are_of_no_other_kind(tmp_path: Path) -> None:
    write_decisions(tmp_path, decisions(decision(FIRST, "rules")))
    assert write_decisions(tmp_path, decisions(decision(FIRST)).iloc[:0]) == WriteCounts()
