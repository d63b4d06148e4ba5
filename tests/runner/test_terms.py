"""A change of terms: noted once under its lock, told in words by whoever begins on it, and the terms of ribbon.toml in every command."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace

import pandas as pd
import pytest
from typer.testing import CliRunner

from lib.lessons.advance import note_terms
from lib.lessons.eras import TERMS_FILE, Era, eras_of
from lib.market.terms import DEFAULT_TERMS, Terms
from runner.choose import live_decider
from runner.cli import app
from runner.config import load_config
from runner.errors import LockedError
from runner.files.lock import WriterLock
from runner.terms import change_words, keep_terms
from runner.trade.events import read_events
from tests.builders import START, random_market
from tests.runner.replay.test_replay import write_market
from tests.runner.trade.made import Script, hand_loop

HOUR = pd.Timedelta(hours=1)
TERMS = Terms(fee_pct=0.02, target_pct=0.6, stop_pct=0.3)


@pytest.fixture
def configured(tmp_path, monkeypatch):
    """A ribbon.toml with TERMS is in force."""
    path = tmp_path / "ribbon.toml"
    path.write_text("[terms]\nfee_pct = 0.02\ntarget_pct = 0.6\nstop_pct = 0.3\n")
    monkeypatch.setenv("RIBBON_CONFIG", str(path))
    return load_config()


def test_only_a_change_has_words_and_they_name_the_earlier_ledger(tmp_path):
    assert keep_terms(tmp_path, DEFAULT_TERMS, START) == ""
    (first,) = eras_of(tmp_path)
    told = keep_terms(tmp_path, TERMS, START + HOUR)
    assert TERMS.words() in told and "entered after 2026-01-05T01:00:00Z" in told
    assert f"`ribbon lessons list --terms {first.key}`" in told
    before = (tmp_path / TERMS_FILE).read_bytes()
    assert keep_terms(tmp_path, TERMS, START + 2 * HOUR) == ""
    assert (tmp_path / TERMS_FILE).read_bytes() == before
    assert change_words([], [first]) == "" == change_words([first], [first])


def test_who_writes_the_file_is_waited_for_by_nobody_and_only_a_change_needs_it(tmp_path):
    note_terms(tmp_path, DEFAULT_TERMS, START)
    with WriterLock(tmp_path / TERMS_FILE):
        assert keep_terms(tmp_path, DEFAULT_TERMS, START + HOUR) == ""
        with pytest.raises(LockedError):
            keep_terms(tmp_path, TERMS, START + HOUR)
    assert [era.terms for era in eras_of(tmp_path)] == [DEFAULT_TERMS]


def test_a_loop_that_begins_on_a_change_says_so_once(tmp_path, caplog):
    note_terms(tmp_path, DEFAULT_TERMS, START - HOUR)
    told = []
    for _ in range(2):
        with caplog.at_level(logging.WARNING), hand_loop(tmp_path, Script(), terms=TERMS):
            pass
        told.append(sum("the terms have changed" in record.getMessage() for record in caplog.records))
        caplog.clear()
    assert told == [1, 0]


def test_claude_is_asked_under_the_terms_of_the_configuration(configured, tmp_path):
    assert live_decider("claude", configured, tmp_path).terms == TERMS


def test_ribbon_trade_trades_under_the_terms_of_the_configuration(configured, tmp_path, monkeypatch):
    write_market(tmp_path / "data", random_market(1))
    seen = []
    monkeypatch.setattr("runner.trade.live.run_live", lambda loop, *_: seen.append(loop) or {})
    monkeypatch.setattr(logging, "basicConfig", lambda **_: None)
    words = ["trade", "--decider", "rules", "--trading-data", str(tmp_path / "data"), "--json"]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0 and [loop.terms for loop in seen] == [TERMS]
    assert seen[0].broker.costs == TERMS.costs
    assert [era.terms for era in eras_of(tmp_path / "data")] == [TERMS]


def test_ribbon_replay_replays_under_the_terms_of_the_configuration(configured, tmp_path):
    source, out = write_market(tmp_path / "source", random_market(1)), tmp_path / "out"
    note_terms(source, DEFAULT_TERMS, START)  # the source's own are no concern of a replay
    times = ["--from", "2026-01-05T01:00:00Z", "--to", "2026-01-05T05:00:00Z", "--no-learn", "--no-rails"]
    folders = ["--trading-data", str(source), "--outputs", str(out)]
    done = CliRunner().invoke(app, ["replay", *times, *folders, "--json"], catch_exceptions=False)
    assert json.loads(done.stdout)["terms"] == TERMS.model_dump()
    assert eras_of(out) == [Era("", TERMS)]
    orders = [event for event in read_events(out) if event.kind == "order"]
    assert orders and {(order.target_pct, order.stop_pct) for order in orders} == {(0.6, 0.3)}
    fills = [event for event in read_events(out) if event.kind == "fill"]
    assert all(fill.fee == pytest.approx(fill.size * fill.price * 0.0002) for fill in fills)


@pytest.mark.parametrize("fee", [0.02, 0.2])
def test_ribbon_backfill_decides_under_the_terms_of_the_configuration(tmp_path, monkeypatch, fee):
    (tmp_path / "ribbon.toml").write_text(f"[terms]\nfee_pct = {fee}\n")
    monkeypatch.setenv("RIBBON_CONFIG", str(tmp_path / "ribbon.toml"))
    seen = []
    monkeypatch.setattr(
        "runner.fetch.backfill.backfill", lambda history, folder, source, terms, *_: seen.append(terms)
    )
    monkeypatch.setattr(
        "lib.foreign.ohlcv.read_history",
        lambda *_: SimpleNamespace(
            reading=None, candles=pd.DataFrame(index=[pd.Timestamp("2026-01-05T00:00:00Z")])
        ),
    )
    monkeypatch.setattr("runner.cli.backfill.show", lambda *_: None)
    words = ["backfill", "--candles", "ETHUSDT-1m.csv", "--trading-data", str(tmp_path / "data")]
    assert CliRunner().invoke(app, words, catch_exceptions=False).exit_code == 0
    assert seen == [Terms(fee_pct=fee)]
