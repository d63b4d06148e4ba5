from __future__ import annotations

import shutil

import pandas as pd
import pytest

from lib.analysis.trades import actual_trades
from lib.contract.times import iso
from lib.data.window import load_window, newest_known_at
from lib.errors import BrokenLedgerError, DataError
from lib.lessons import store as store_module
from lib.lessons.advance import ledger_at
from lib.lessons.choices import add_choice, load_choices
from lib.lessons.compiling import lessons_at
from lib.lessons.eras import LEDGER_FILE
from lib.lessons.rebuilding import rebuild_ledger
from lib.lessons.streams.hour import first_hour

HOURS = 14
LONG = "trades.direction.LONG.above"


@pytest.fixture
def folder(sample_data, tmp_path):
    """A copy of the sample's files."""
    target = tmp_path / "data"
    target.mkdir()
    for path in sample_data.glob("*.csv"):
        shutil.copy(path, target)
    return target


@pytest.fixture
def end(sample_data) -> pd.Timestamp:
    """Some whole hours after the sample's first trades."""
    begun = load_window(sample_data, newest_known_at(sample_data), 10_000).decisions["timestamp"].min()
    return begun.ceil("h") + pd.Timedelta(hours=HOURS)


def contents(folder, as_of, keep=True):
    with ledger_at(folder, as_of, keep=keep) as store:
        return store.contents()


@pytest.mark.slow
def test_hour_by_hour_at_once_read_only_and_rebuilt_it_is_the_same(folder, sample_data, end):
    for hours in range(HOURS, -1, -5):
        stepwise = contents(folder, end - pd.Timedelta(hours=hours) + pd.Timedelta(minutes=5))
    stepwise = contents(folder, end)
    assert contents(sample_data, end, keep=False) == stepwise
    assert not (sample_data / LEDGER_FILE).exists()
    assert contents(folder, end - pd.Timedelta(hours=3)) == stepwise
    rebuilt = rebuild_ledger(folder)
    assert rebuilt.same and rebuilt.head == iso(end) and rebuilt.before == rebuilt.after
    trades = actual_trades(
        load_window(folder, end, (end - first_hour(folder)) / pd.Timedelta(hours=1) + 1)
    ).closed
    assert 0 < rebuilt.after["trades"] <= len(trades)
    assert rebuilt.after["trades"] >= (trades["exit_time"] <= end - pd.Timedelta(hours=7)).sum()


@pytest.mark.slow
def test_a_person_s_choices_land_where_they_were_made_also_in_a_rebuilt_ledger(folder, end):
    middle = end - pd.Timedelta(hours=10)
    contents(folder, middle)
    add_choice(folder, "retire", LONG, "2026-01-01T00:00:00Z", iso(middle))
    add_choice(folder, "pin", "trades.direction.SHORT.beats", "2026-01-01T00:00:00Z", iso(middle))
    with (folder / "lesson_choices.jsonl").open("a") as file:
        file.write('{"action": "hold_prompt", "sha256": "1"}\nno choice\n')
    assert load_choices(folder).set_aside == 1
    found = lessons_at(folder, end, keep=True)
    by_id = {lesson.id: lesson for lesson in found.lessons}
    assert (by_id[LONG].status, by_id[LONG].why, by_id[LONG].since) == ("ended", "person", iso(middle))
    assert by_id[LONG].n < by_id["trades.direction.LONG.below"].n
    assert by_id["trades.direction.SHORT.beats"].pinned and found.summary.ended >= 1
    assert rebuild_ledger(folder).same


def test_a_broken_file_is_moved_aside_and_made_anew_when_kept_and_an_error_when_read(folder, end):
    (folder / LEDGER_FILE).write_bytes(b"nothing that anybody could read" * 40)
    begun = first_hour(folder)
    with pytest.raises(DataError, match="the ledger cannot be used"), ledger_at(folder, begun):
        pass
    assert contents(folder, begun)["state"]
    assert (folder / f"{LEDGER_FILE}.broken").read_bytes().startswith(b"nothing")


def test_a_row_that_no_ledger_writes_is_made_anew_in_a_sentence(folder, monkeypatch):
    begun, path = first_hour(folder) + pd.Timedelta(hours=1), folder / LEDGER_FILE
    whole = contents(folder, begun)
    monkeypatch.setattr("lib.lessons.rebuilding.newest_known_at", lambda place: begun)
    for number, made_anew in enumerate((lambda: None, lambda: rebuild_ledger(folder))):
        with ledger_at(folder, begun, keep=True) as store:
            store.connection.execute("UPDATE changes SET n = -5 WHERE seq = 9")
        with (
            pytest.raises(BrokenLedgerError, match=r"table changes, row 9: .*makes it anew"),
            ledger_at(folder, begun),
        ):
            pass
        said = made_anew()
        assert said is None or f"kept as {LEDGER_FILE}.broken{number}, and made anew" in said.words
        assert contents(folder, begun) == whole
    assert path.exists() and len(list(folder.glob("*.broken*"))) == 2


def test_a_rebuilt_ledger_of_other_data_says_so(folder, end):
    contents(folder, first_hour(folder) + pd.Timedelta(hours=2))
    with ledger_at(folder, first_hour(folder), keep=True) as store, store.transaction():
        store.connection.execute("DELETE FROM observations")
    rebuilt = rebuild_ledger(folder)
    assert not rebuilt.same and "came out different" in rebuilt.words


def test_broken_files_are_numbered_and_nothing_is_lost(folder):
    begun, path = first_hour(folder), folder / LEDGER_FILE
    for word in (b"one", b"two", b"three"):
        path.write_bytes(word * 400)
        assert contents(folder, begun)["state"]
    aside = [f"{LEDGER_FILE}.broken{number}" for number in ("", 1, 2)]
    assert [(folder / name).read_bytes()[:5] for name in aside] == [b"oneon", b"twotw", b"three"]


def test_what_only_cannot_be_reached_is_not_moved_aside(folder, monkeypatch):
    monkeypatch.setattr(store_module, "WAIT_S", 0.05)
    begun = first_hour(folder)
    with ledger_at(folder, begun, keep=True) as store, store.transaction():
        before = store.contents()
        with pytest.raises(DataError, match="cannot be reached"):
            contents(folder, begun + pd.Timedelta(hours=1))
    assert not list(folder.glob("*.broken*")) and contents(folder, begun) == before


def test_a_choice_that_no_hour_has_taken_in_yet_is_no_difference_of_a_rebuilt_ledger(folder):
    end = first_hour(folder) + pd.Timedelta(hours=1)
    contents(folder, end)
    add_choice(folder, "retire", LONG, "2026-01-01T00:00:00Z", iso(end))
    assert rebuild_ledger(folder).same
    with ledger_at(folder, end) as store:
        assert store.load().ledger.entries[LONG].why == "person"


def test_a_place_that_no_file_can_be_opened_at_is_not_moved_aside(folder):
    (folder / LEDGER_FILE).mkdir()
    with pytest.raises(DataError, match="cannot be reached"):
        contents(folder, first_hour(folder))
    assert (folder / LEDGER_FILE).is_dir() and not list(folder.glob("*.broken*"))


def test_a_ledger_with_damaged_pages_is_made_anew(folder):
    begun, path = first_hour(folder), folder / LEDGER_FILE
    with ledger_at(folder, begun, keep=True) as store:
        store.connection.execute("CREATE INDEX more ON changes (status)")
        (page,) = store.connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'more'"
        ).fetchone()
        (size,) = store.connection.execute("PRAGMA page_size").fetchone()
    whole = path.read_bytes()
    path.write_bytes(whole[: (page - 1) * size] + b"\xff" * size + whole[page * size :])
    assert contents(folder, begun)["hypotheses"]
    assert (folder / f"{LEDGER_FILE}.broken").stat().st_size == len(whole)
