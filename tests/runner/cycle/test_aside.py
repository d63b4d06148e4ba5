from __future__ import annotations

import pytest

from lib.analysis.past_events import SETUP_OUTCOMES_FILE
from lib.contract.schema import DECISIONS_FILE
from lib.market.terms import DEFAULT_TERMS
from runner.cycle import aside as module
from runner.cycle.aside import Aside, not_taken_warnings
from runner.cycle.catch_up import HOUR, setups_to_keep
from runner.cycle.stages import Settings
from tests.builders import START
from tests.lib.lessons.streams.made import lively_market, write_folder

AS_OF = START + 10 * HOUR


@pytest.fixture
def settings(tmp_path):
    folder = write_folder(tmp_path / "data", lively_market(1, 10))
    return Settings(folder, tmp_path / "outputs", DEFAULT_TERMS, lookback_hours=4.0)


def test_each_piece_is_done_once_and_writes_nothing(settings, monkeypatch):
    looked, really = [], module.read_account
    monkeypatch.setattr(module, "read_account", lambda folder: looked.append(folder) or really(folder))
    before = {path: path.read_bytes() for path in settings.trading_data.iterdir() if path.is_file()}
    aside = Aside(settings, AS_OF)
    assert [aside.do_one() for _ in range(4)] == [True, True, True, False]
    assert aside.lost_trades() == aside.account_warning() == "" and looked == [settings.trading_data]
    expected = setups_to_keep(settings.trading_data, AS_OF, 4.0, DEFAULT_TERMS)
    assert aside.setups() == expected and expected[0]
    assert {path: path.read_bytes() for path in settings.trading_data.iterdir() if path.is_file()} == before


def test_what_was_not_done_beside_the_notebooks_is_done_when_asked_for(settings):
    (settings.trading_data / DECISIONS_FILE).write_text(
        "timestamp,executed,decision_id,exit_price,asked_because\n2026-01-01T00:00:00Z,true,d1,,signal\n"
    )
    aside = Aside(settings, AS_OF)
    assert aside.account_warning().startswith("the account cannot be told, and `ribbon trade` will not start")
    assert aside.setups()[0] and not (settings.trading_data / SETUP_OUTCOMES_FILE).exists()


def test_a_file_that_was_sorted_newest_first_is_told_and_a_sound_one_is_not(settings):
    folder = settings.trading_data
    assert not_taken_warnings(folder) == []
    path = folder / "ema_data_5min.csv"
    head, *rows = path.read_text().splitlines(keepends=True)
    path.write_text(head + "".join(reversed(rows)))
    (told,) = not_taken_warnings(folder)
    assert (
        told.startswith("ema_data_5min.csv, line ")
        and "out_of_order" in told
        and "Put it back from a copy" in told
    )
    path.write_text("")
    assert not_taken_warnings(folder) == []
