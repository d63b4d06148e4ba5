from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pandas as pd
import pytest

from lib.analysis import past_events
from lib.analysis.past_events import SETUP_OUTCOMES_FILE
from lib.contract.times import iso
from lib.lessons import advance
from lib.lessons.choices import CHOICES_FILE
from lib.lessons.eras import LEDGER_FILE
from lib.lessons.store import LedgerStore
from lib.market.terms import DEFAULT_TERMS
from runner.cycle import catch_up as module
from runner.cycle.catch_up import HOUR, catch_up, hours_behind, leave_setups, setups_to_keep
from runner.cycle.cycle import run_cycle
from runner.cycle.stages import Settings
from runner.fetch.simulated import Simulation, write_simulation
from tests.builders import START
from tests.lib.lessons.streams.made import lively_market, write_folder

#: The lively market lasts ten hours; the hours after it are empty, and are taken in all the same.
AS_OF = START + 52.5 * HOUR


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "data", lively_market(1, 10))


def head(folder) -> str:
    with LedgerStore.open_file(folder / LEDGER_FILE, writable=False) as store:
        return store.head()


def contents(folder) -> dict[str, list[tuple]]:
    with LedgerStore.open_file(folder / LEDGER_FILE, writable=False) as store:
        return store.contents()


def test_all_hours_but_those_of_the_last_day_are_taken_in(folder):
    told = []
    assert hours_behind(folder, AS_OF) > 51
    assert catch_up(folder, AS_OF, DEFAULT_TERMS, progress=lambda done, all_: told.append((done, all_))) == ""
    assert head(folder) == iso(START + 28 * HOUR)
    assert told == [(done, len(told)) for done in range(1, len(told) + 1)] and len(told) in (27, 28)
    assert hours_behind(folder, AS_OF) == 24.5


def test_up_to_two_days_are_left_to_the_notebook(folder):
    begun = advance.first_hour(folder)
    assert catch_up(folder, begun + 48 * HOUR, DEFAULT_TERMS) == ""
    assert not (folder / LEDGER_FILE).exists()
    assert catch_up(folder, begun + 48 * HOUR + pd.Timedelta(seconds=1), DEFAULT_TERMS) == ""
    assert head(folder) == iso(begun + 24 * HOUR)
    # From there on it is the ledger's head that counts, not where the data begin.
    assert catch_up(folder, begun + 72 * HOUR, DEFAULT_TERMS) == ""
    assert head(folder) == iso(begun + 24 * HOUR)


def test_a_ledger_that_is_ahead_stays_as_it_is(folder):
    assert catch_up(folder, AS_OF, DEFAULT_TERMS) == ""
    before = contents(folder)
    assert hours_behind(folder, START) == -28
    assert catch_up(folder, START, DEFAULT_TERMS) == ""
    assert contents(folder) == before


def test_a_folder_without_rows_has_nothing_to_catch_up_with(tmp_path):
    assert hours_behind(tmp_path, AS_OF) == 0
    assert catch_up(tmp_path, AS_OF, DEFAULT_TERMS) == ""
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_of_other_data_is_told(tmp_path):
    for seed in (1, 2):
        market = Simulation(1.0, seed, "2026-01-06T00:00:00Z", step_seconds=60, decisions="simulated")
        write_simulation(market, tmp_path / str(seed))
    mine, other = tmp_path / "1", tmp_path / "2"
    as_of = pd.Timestamp(market.end)
    for place in (mine, other):
        with advance.ledger_at(place, as_of, keep=True):
            pass
        assert catch_up(place, as_of, DEFAULT_TERMS) == ""
    shutil.copy(other / LEDGER_FILE, mine / LEDGER_FILE)
    told = catch_up(mine, as_of, DEFAULT_TERMS)
    assert told.startswith(f"{mine / LEDGER_FILE}: its newest trade, entered 20")
    assert told.endswith("make the ledger anew from what is there: `ribbon lessons rebuild`")


def test_what_setups_made_before_the_window_is_kept(folder, monkeypatch):
    def keep(hours: int) -> str:
        return leave_setups(folder, *setups_to_keep(folder, START + hours * HOUR, 4.0, DEFAULT_TERMS))

    text, failed = setups_to_keep(folder, START + 10 * HOUR, 4.0, DEFAULT_TERMS)
    assert text and not failed and not (folder / SETUP_OUTCOMES_FILE).exists()
    assert keep(10) == ""
    kept = (folder / SETUP_OUTCOMES_FILE).read_bytes()
    assert kept.decode() == text
    assert keep(10) == ""
    assert (folder / SETUP_OUTCOMES_FILE).read_bytes() == kept
    # The notebooks do without: a cycle is warned and goes on.
    with monkeypatch.context() as broken:
        broken.setattr(
            past_events, "replace_text", lambda path, text: (folder / "nothing" / "here").read_text()
        )
        assert keep(11).startswith("the outcomes of earlier setups could not be kept: /")
    monkeypatch.setattr(past_events, "outcomes_to_keep", lambda *asked: 1 / 0)
    assert keep(11).startswith("the outcomes of earlier setups could not be kept: ZeroDivisionError")
    assert (folder / SETUP_OUTCOMES_FILE).read_bytes() == kept


def test_an_interrupt_keeps_the_hours_before_it_and_the_next_goes_on_from_there(
    folder, tmp_path, monkeypatch
):
    monkeypatch.setattr(module, "BEHIND_HOURS", module.LEFT_HOURS)
    done = []
    with pytest.raises(KeyboardInterrupt):
        catch_up(folder, AS_OF, DEFAULT_TERMS, lambda: len(done) >= 10, lambda *told: done.append(told))
    assert len(done) == 10 and head(folder) == iso(advance.first_hour(folder) + 9 * HOUR)
    assert catch_up(folder, AS_OF, DEFAULT_TERMS) == "" and head(folder) == iso(START + 28 * HOUR)
    whole = write_folder(tmp_path / "whole", lively_market(1, 10))
    assert catch_up(whole, AS_OF, DEFAULT_TERMS) == ""
    assert contents(folder) == contents(whole)


def test_a_ledger_of_another_method_is_made_anew(folder):
    assert catch_up(folder, AS_OF, DEFAULT_TERMS) == ""
    before = contents(folder)
    with closing(sqlite3.connect(folder / LEDGER_FILE, isolation_level=None)) as connection:
        connection.execute("UPDATE state SET method = method - 1, head = '2020-01-01T00:00:00Z'")
    assert catch_up(folder, AS_OF, DEFAULT_TERMS) == ""
    assert contents(folder) == before


def test_what_goes_wrong_is_said_and_ends_nothing(folder):
    (folder / "candlesticks_15min.csv").write_text("timestamp,open\n2026-01-05T00:00:00Z,1\n")
    said = catch_up(folder, AS_OF, DEFAULT_TERMS)
    assert said.startswith("the ledger of lessons could not catch up before the notebooks: /")
    assert "candlesticks_15min.csv" in said


def test_a_file_that_is_no_ledger_counts_as_none(folder):
    (folder / LEDGER_FILE).write_text("no ledger at all, but a text that somebody saved here")
    assert hours_behind(folder, AS_OF) > 51


def test_a_damaged_choice_is_told_to_the_cycle(folder):
    """A veto that nobody can read any more would let its lesson be told."""
    (folder / CHOICES_FILE).write_text('{"action":"veto,"lesson":"trades.all.trades.below"}\n')
    said = catch_up(folder, AS_OF, DEFAULT_TERMS)
    assert f"{folder / CHOICES_FILE}: 1 line is no choice and changes nothing" in said
    assert head(folder) == iso(START + 28 * HOUR)


def test_a_file_of_which_no_row_can_be_taken_is_told_to_the_cycle(folder):
    """Its figures would be those of a folder in which nobody decided."""
    path = folder / "claude_decisions.csv"
    path.write_text(path.read_text().replace("2026-01-", "Jan "))
    said = catch_up(folder, AS_OF, DEFAULT_TERMS)
    assert said.startswith(f"{path}, line 2: none of its ") and "bad_timestamp" in said
    assert head(folder) == iso(START + 28 * HOUR)


def test_a_damaged_ledger_is_made_anew_and_the_cycle_is_told(folder):
    assert catch_up(folder, AS_OF, DEFAULT_TERMS) == ""
    before = contents(folder)
    with closing(sqlite3.connect(folder / LEDGER_FILE, isolation_level=None)) as connection:
        connection.execute("UPDATE hypotheses SET id = 'trades.moon.full.above' WHERE k = 7")
    said = catch_up(folder, AS_OF, DEFAULT_TERMS)
    assert "'trades.moon.full.above' is no hypothesis" in said
    assert said.endswith(f"it is kept as {LEDGER_FILE}.broken, and made anew from the data")
    assert contents(folder) == before


@pytest.mark.slow
def test_a_cycle_goes_on_after_a_failure_and_its_manifest_tells(settings_for, monkeypatch):
    def full(*asked, **options):
        raise OSError("no space left")

    monkeypatch.setattr("lib.lessons.advance.ledger_at", full)
    monkeypatch.setattr(module, "BEHIND_HOURS", 0)
    manifest = run_cycle(settings_for()).manifest
    assert (manifest.status, manifest.published) == ("ok", True)
    assert manifest.warnings == [
        "the ledger of lessons could not catch up before the notebooks: no space left"
    ]


@pytest.mark.slow
def test_an_interrupted_catch_up_is_an_interrupted_cycle(settings_for, monkeypatch):
    def interrupted(*asked, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("runner.cycle.cycle.catch_up", interrupted)
    manifest = run_cycle(settings_for()).manifest
    assert (manifest.status, manifest.published) == ("interrupted", False)
    assert {entry["error"] for entry in manifest.notebooks.values()} == {"not started"}


@pytest.mark.slow
def test_the_published_bytes_are_the_same_with_and_without_it(tmp_path, forked, monkeypatch):
    made, told = tmp_path / "made", []
    monkeypatch.setattr(module, "LEFT_HOURS", 6)
    write_simulation(Simulation(days=1, seed=5, end="2025-06-15T12:00:00Z", gaps=0), made)

    class Watching:
        def __init__(self, titles):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *ended):
            pass

        def watch(self, *change):
            told.append(change)

        def caught_up(self, done, hours):
            told.append((done, hours))

    found = []
    for limit in (12, 10**6):
        monkeypatch.setattr(module, "BEHIND_HOURS", limit)
        data = tmp_path / f"data-{limit}"
        shutil.copytree(made, data)
        cycle = run_cycle(
            Settings(data, tmp_path / f"outputs-{limit}", DEFAULT_TERMS, "newest", limit_s=120.0), Watching
        )
        assert cycle.manifest.status == "ok", cycle.manifest.warnings
        files = [*sorted(cycle.run_dir.glob("results/*.json"))]
        files += [data / name for name in ("training_insights.json", "prompt_addition.md")]
        found.append(({path.name: path.read_bytes() for path in files}, contents(data), [*told]))
        told.clear()
    (with_it, ledger, seen), (without, other, unseen) = found
    assert with_it == without and len(with_it) >= 6
    assert ledger == other and ledger["trades"] and ledger["observations"]
    hours = [change for change in seen if len(change) == 2]
    # All of them before the first notebook, and none where it had nothing to do.
    assert hours and seen[: len(hours)] == hours and hours[-1] == (len(hours), len(hours))
    assert not [change for change in unseen if len(change) == 2]
