"""Changes of terms: the file of them, and a ledger of its own for each."""

from __future__ import annotations

import json
import sqlite3

import pandas as pd
import pytest

from lib.contract.schema import INSIGHTS_FILE
from lib.errors import DataError, ParameterError
from lib.lessons.advance import ended, ended_ledger, ledger_at, note_terms
from lib.lessons.compiling import lessons_at
from lib.lessons.eras import FIRST_ERA, LEDGER_FILE, TERMS_FILE, Era, era_named, eras_of, eras_with
from lib.lessons.rebuilding import rebuild_ledger
from lib.market.readings import instant
from lib.market.terms import DEFAULT_TERMS, Terms
from tests.builders import START
from tests.lib.lessons.streams.made import lively_market, write_folder

HOUR = pd.Timedelta(hours=1)
OTHER = Terms(fee_pct=0.02, target_pct=0.6, stop_pct=0.3)
CHANGED = START + 4.5 * HOUR
END = START + 10 * HOUR


def lines(folder) -> list[dict]:
    return [json.loads(line) for line in (folder / TERMS_FILE).read_text().splitlines()]


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "data", lively_market(1, 10))


def test_the_first_terms_hold_since_the_start_of_the_log(tmp_path):
    assert eras_of(tmp_path) == []
    assert note_terms(tmp_path, OTHER, CHANGED) == Era("", OTHER)
    assert eras_of(tmp_path) == [Era("", OTHER)]
    assert lines(tmp_path) == [{"at": "2026-01-05T04:30:00Z", "terms": OTHER.model_dump()}]


def test_only_a_change_is_written_with_its_date(tmp_path):
    for terms, hours in ((DEFAULT_TERMS, 1), (DEFAULT_TERMS, 2), (OTHER, 3), (OTHER, 4), (DEFAULT_TERMS, 5)):
        note_terms(tmp_path, terms, START + hours * HOUR)
    assert [line["at"] for line in lines(tmp_path)] == [f"2026-01-05T0{hour}:00:00Z" for hour in (1, 3, 5)]
    eras = eras_of(tmp_path)
    assert [era.since for era in eras] == ["", "2026-01-05T03:00:00Z", "2026-01-05T05:00:00Z"]
    assert len({era.key for era in eras}) == 3
    assert era_named(eras, eras[0].key) == eras[0] and era_named(eras, "20260105T03") == eras[1]
    with pytest.raises(ParameterError, match=r"since the start of the log: fee 0\.045 %"):
        era_named(eras, "2026")


def test_others_begin_no_earlier_than_those_before_them():
    eras = [Era("", DEFAULT_TERMS), Era("2026-01-05T03:00:00Z", OTHER)]
    third = Terms(fee_pct=0.03)
    assert eras_with(eras, third, START) == [FIRST_ERA, Era("2026-01-05T03:00:00Z", third)]
    assert eras_with(eras, DEFAULT_TERMS, START) == [FIRST_ERA]


@pytest.mark.parametrize("file", [LEDGER_FILE, INSIGHTS_FILE])
def test_a_folder_of_before_terms_were_kept_had_the_default_ones(tmp_path, file):
    (tmp_path / file).touch()
    assert eras_of(tmp_path) == [FIRST_ERA]
    note_terms(tmp_path, OTHER, CHANGED)
    assert eras_of(tmp_path) == [FIRST_ERA, Era("2026-01-05T04:30:00Z", OTHER)]
    assert len(lines(tmp_path)) == 2


def test_a_torn_line_was_not_noted_and_a_wrong_one_is_named(tmp_path):
    note_terms(tmp_path, DEFAULT_TERMS, START)
    path = tmp_path / TERMS_FILE
    whole = path.read_text()
    path.write_text(whole + '{"at": "2026-01-')
    assert eras_of(tmp_path) == [FIRST_ERA]
    note_terms(tmp_path, OTHER, CHANGED)
    assert path.read_text().startswith(whole) and len(lines(tmp_path)) == 2
    assert path.with_name(f"{TERMS_FILE}.torn").read_text() == '{"at": "2026-01-\n'
    path.write_text(whole + "{}\n")
    with pytest.raises(
        DataError,
        match=r"line 2: this is no change of terms \(Field required\): «\{\}»\. Put that line right",
    ) as caught:
        eras_of(tmp_path)
    assert "validation error" not in str(caught.value)
    for later in (
        lines(tmp_path)[0] | {"who": "me"},
        lines(tmp_path)[0] | {"terms": DEFAULT_TERMS.model_dump() | {"tax_pct": 1.0}},
    ):
        path.write_text(whole + json.dumps(later) + "\n")
        with pytest.raises(
            DataError,
            match=r"line 2: .*«.*»\. A later version, it seems, wrote that line: go on with that version",
        ):
            eras_of(tmp_path)


def test_a_folder_without_changes_gives_the_ledger_that_it_gave(folder):
    """Also one with a ledger of before it named its terms."""
    with ledger_at(folder, END, keep=True) as store:
        before = store.contents()
    connection = sqlite3.connect(folder / LEDGER_FILE)
    connection.execute("DROP TABLE era")
    connection.commit()
    connection.close()
    note_terms(folder, DEFAULT_TERMS, END)
    with ledger_at(folder, END, keep=True, terms=DEFAULT_TERMS) as store:
        assert store.contents() == before and store.era() == FIRST_ERA
    assert not list(folder.glob("lessons-*"))


def test_other_terms_begin_another_ledger_whose_evidence_starts_at_the_change(folder):
    first = lessons_at(folder, CHANGED, keep=True)
    assert first.summary.trades and first.terms == DEFAULT_TERMS
    at_once = lessons_at(folder, CHANGED, keep=True, terms=OTHER)
    assert at_once.summary.trades == 0 and at_once.summary.head == ""
    later = lessons_at(folder, END, keep=True)
    assert (later.terms, later.terms_since) == (OTHER, "2026-01-05T04:30:00Z")
    with ledger_at(folder, END) as store:
        counts = store.trade_counts(2**62)
        assert counts.trades > 0 and counts.begun > instant(CHANGED)
        assert store.head() == "2026-01-05T10:00:00Z"
    with ended_ledger(folder, FIRST_ERA, CHANGED) as store:
        assert store.head() == "2026-01-05T04:00:00Z"
        assert max(store.trade_counts(2**62).ended_at) <= instant(CHANGED)
    assert (folder / FIRST_ERA.ended_file).exists()


def test_an_ended_ledger_that_is_gone_is_had_from_the_data(folder):
    lessons_at(folder, CHANGED - 2 * HOUR, keep=True)
    note_terms(folder, OTHER, CHANGED)
    assert ended(eras_of(folder), FIRST_ERA) == CHANGED and ended(eras_of(folder), eras_of(folder)[1]) is None
    with ledger_at(folder, END, keep=True):  # completes the ended one, and sets it aside
        pass
    kept = []
    for _ in range(2):
        with ended_ledger(folder, FIRST_ERA, CHANGED) as store:
            kept.append(store.contents())
        (folder / FIRST_ERA.ended_file).unlink(missing_ok=True)
    assert kept[0] == kept[1] and kept[0]["state"][0][2] == "2026-01-05T04:00:00Z"


def test_a_ledger_is_rebuilt_under_the_terms_of_its_era(folder):
    lessons_at(folder, CHANGED, keep=True)
    note_terms(folder, OTHER, CHANGED)
    assert lessons_at(folder, END, keep=True).summary.trades
    with ledger_at(folder, END) as store:
        grown = store.contents()
    assert rebuild_ledger(folder).same
    with ledger_at(folder, END) as store:
        assert store.era().terms == OTHER and store.contents() == grown
    (folder / LEDGER_FILE).unlink()
    lessons_at(folder, END, keep=True)
    with ledger_at(folder, END) as store:
        assert store.contents() == grown


def test_other_terms_without_publishing_change_nothing(folder):
    lessons_at(folder, CHANGED, keep=True)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert lessons_at(folder, END, terms=OTHER).summary.trades == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_terms_that_are_taken_back_at_once_leave_no_trace_but_in_the_file(folder):
    lessons_at(folder, CHANGED, keep=True, terms=DEFAULT_TERMS)
    with ledger_at(folder, CHANGED) as store:
        before = store.contents()
    lessons_at(folder, CHANGED, keep=True, terms=OTHER)
    assert lessons_at(folder, CHANGED, keep=True, terms=DEFAULT_TERMS).summary.trades
    assert eras_of(folder) == [FIRST_ERA] and len(lines(folder)) == 3
    with ledger_at(folder, CHANGED) as store:
        assert store.contents() == before and store.era() == FIRST_ERA


def test_an_earlier_hour_is_seen_under_its_own_terms(folder):
    lessons_at(folder, CHANGED, keep=True, terms=DEFAULT_TERMS)
    note_terms(folder, OTHER, CHANGED)
    for kept in (False, True):  # whether the ended ledger has been set aside
        if kept:
            lessons_at(folder, END, keep=True)
        assert lessons_at(folder, CHANGED - HOUR).terms == DEFAULT_TERMS
        assert lessons_at(folder, CHANGED - HOUR).summary.trades
        assert lessons_at(folder, END).terms == OTHER
