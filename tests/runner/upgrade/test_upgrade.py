"""What is old is found, brought up once, and kept as it was; nothing is touched while somebody writes."""

from __future__ import annotations

import random
import shutil
import time
import tomllib
from multiprocessing import get_context
from pathlib import Path

import pytest

from lib.contract.schema import DECISIONS_FILE
from lib.errors import HeaderError
from lib.paths import repository_root
from runner.config import load_config
from runner.config_moved import MOVED
from runner.errors import ConfigError, LockedError
from runner.trade import events, tick_log
from runner.trade.events import EVENTS_FILE, EventLog, read_events
from runner.trade.tick_log import TICKS_FILE
from runner.upgrade.steps import Place
from runner.upgrade.upgrade import find_old, upgrade

JOURNALS = {EVENTS_FILE, DECISIONS_FILE, TICKS_FILE}
YESTERDAY = repository_root() / "tests" / "yesterday"


@pytest.fixture
def place(tmp_path) -> Place:
    folder = Path(shutil.copytree(YESTERDAY, tmp_path / "data"))
    return Place(folder, folder / "ribbon.toml")


@pytest.fixture
def later_columns(monkeypatch):
    """A version whose event log and ticks have a column more."""
    monkeypatch.setattr(events, "COLUMNS", (*events.COLUMNS, "venue"))
    monkeypatch.setattr(tick_log, "COLUMNS", (*tick_log.COLUMNS, "detail"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_journals_are_brought_up_once(place, later_columns):
    (place.trading_data / "ribbon.toml").unlink()
    before, account = contents(place.trading_data), read_events(place.trading_data)
    found = find_old(place)
    assert [old.told for old in found] == [
        f"{EVENTS_FILE} lacks the columns check, venue",
        f"{DECISIONS_FILE} lacks the columns stop_pct, target_pct, holding, asked_because, request_sha, "
        "first_model, first_answer, first_confidence, first_cost_usd, first_request_sha",
        f"{TICKS_FILE} lacks the column detail",
    ]
    assert contents(place.trading_data) == before
    done = upgrade(place)
    after = contents(place.trading_data)
    assert {row.path.name: after[row.copy.name] for row in done} == {name: before[name] for name in JOURNALS}
    assert {name for name in before if after[name] != before[name]} == JOURNALS
    assert read_events(place.trading_data) == account
    assert (find_old(place), upgrade(place)) == ([], []) and contents(place.trading_data) == after


def test_a_writer_is_not_disturbed(place, later_columns, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(events, "COLUMNS", events.COLUMNS[:-1])
        log = EventLog(place.trading_data).__enter__()  # a loop of the older version, at work
    before = contents(place.trading_data)
    with pytest.raises(LockedError, match=EVENTS_FILE) as caught:
        upgrade(place)
    assert caught.value.exit_code == 6 and contents(place.trading_data) == before
    log.__exit__()
    assert len(upgrade(place)) == 4


def test_a_file_that_no_version_wrote_is_no_old_one(place):
    (place.trading_data / TICKS_FILE).write_text("when,what\n1,2\n")
    with pytest.raises(HeaderError, match="no column timestamp"):
        find_old(place)


def test_old_keys_of_the_configuration(place):
    text = place.config.read_text()
    (place.trading_data / DECISIONS_FILE).unlink()
    (place.trading_data / EVENTS_FILE).unlink()
    (old,) = find_old(place)
    assert "trade.paper.fee_pct is terms.fee_pct now" in old.what
    (done,) = upgrade(place)
    assert done.copy.read_text() == text and upgrade(place) == []
    values = tomllib.loads(place.config.read_text())
    assert values == {
        "trade": {
            "decider": "rules",
            "stale_s": 25.0,
            "paper": {"equity": 500.0},
            "rails": {"min_confidence": 0.8},
        },
        "claude": {"max_tokens": 700},
        "terms": {
            "fee_pct": 0.02,
            "slippage_pct": 0.01,
            "target_pct": 0.6,
            "stop_pct": 0.3,
            "hold_minutes": 30.0,
            "min_stop_pct": 0.1,
            "max_stop_pct": 0.9,
        },
    }
    words = [line.partition("#")[2] for line in text.splitlines() if "#" in line]
    assert all(f"#{word}" in place.config.read_text() for word in words)


def test_a_configuration_behind_a_link(place, tmp_path):
    link = tmp_path / "ribbon.toml"
    link.symlink_to(place.config)
    upgrade(Place(tmp_path / "nowhere", link))
    assert link.is_symlink() and "[terms]" in place.config.read_text()


def test_nothing_there_is_nothing_old(tmp_path):
    assert find_old(Place(tmp_path / "nowhere", tmp_path / "ribbon.toml")) == []


def test_what_cannot_be_renamed_names_its_file(place):
    place.config.write_text("[trade.paper]\nfee_pct = 1\n[terms]\nfee_pct = 2\n")
    with pytest.raises(ConfigError, match=r"ribbon\.toml: trade\.paper\.fee_pct is terms\.fee_pct now"):
        upgrade(place)


@pytest.mark.parametrize("old", sorted(MOVED))
def test_each_moved_key(tmp_path, old):
    config = tmp_path / "ribbon.toml"
    config.write_text(f"[{'.'.join(old[:-1])}]\n{old[-1]} = 0.25\n")
    upgrade(Place(tmp_path, config))
    assert tomllib.loads(config.read_text()) == {"terms": {MOVED[old][-1]: 0.25}}


def test_an_upgraded_configuration_is_taken(place):
    with pytest.raises(ConfigError):
        load_config(place.config)
    upgrade(place)
    assert load_config(place.config).section("terms").fee_pct == 0.02


#: Folders that are brought up one after the other, so that a kill finds the process in the middle of one.
AT_ONCE = 20


def bring_up(folders: list[Path]) -> None:
    """What the killed process does."""
    events.COLUMNS = (*events.COLUMNS, "venue")
    for folder in folders:
        upgrade(Place(folder, folder / "none.toml"))


@pytest.mark.faults
@pytest.mark.slow
def test_kill_9_while_an_event_log_is_brought_up(tmp_path, fault_runs, later_columns):
    chance, cut_off, account = random.Random(4), 0, read_events(YESTERDAY)
    log = (YESTERDAY / EVENTS_FILE).read_bytes()
    context = get_context("forkserver")  # starts at once, with the slow imports done
    context.set_forkserver_preload([__name__])
    for run in range(fault_runs):
        folders = [tmp_path / f"{run}-{number}" for number in range(AT_ONCE)]
        for folder in folders:
            folder.mkdir()
            (folder / EVENTS_FILE).write_bytes(log)
        process = context.Process(target=bring_up, args=(folders,))
        process.start()
        time.sleep(chance.uniform(0, 0.1))
        process.kill()
        process.join()
        done = [folder for folder in folders if (folder / EVENTS_FILE).read_bytes() != log]
        cut_off += 0 < len(done) < AT_ONCE
        for folder in folders:
            assert read_events(folder) == account
            upgrade(Place(folder, folder / "none.toml"))
            assert read_events(folder) == account
            (copy,) = folder.glob(f"{EVENTS_FILE}.before-*")
            assert copy.read_bytes() == log
            assert (folder / EVENTS_FILE).read_bytes().partition(b"\n")[0].endswith(b",venue")
        shutil.rmtree(tmp_path, ignore_errors=True)
        tmp_path.mkdir()
    assert cut_off, "no kill came while there was something left to bring up"
