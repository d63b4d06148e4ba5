"""The replay: the rule decider as a batch decides, nothing of the future, halts until midnight, and a folder that a cycle can work on."""

from __future__ import annotations

import filecmp
import json
import os
import re
import stat
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.contract import schema
from lib.contract.times import iso
from lib.data.decisions import load_decisions
from lib.errors import EmptyWindowError, ParameterError
from lib.lessons.eras import LEDGER_FILE
from lib.lessons.store import LedgerStore
from lib.market import rules
from lib.market.terms import DEFAULT_TERMS
from lib.published.pair import load_insights
from runner.claude.settings import ClaudeSettings
from runner.config import Config
from runner.cycle.cycle import run_cycle
from runner.cycle.stages import Settings
from runner.files import tables
from runner.replay import analyses
from runner.replay.analyses import hour_folder
from runner.replay.command import cost_sentence, replay_with
from runner.replay.learning import Learning
from runner.replay.replay import Replay, run_replay
from runner.trade.deciders import RuleDecider, recorded_decider
from runner.trade.events import read_events
from runner.trade.settings import TradeSettings
from tests.builders import at, random_market, write_samples
from tests.runner.trade.made import Script, log_rows

WIDE = TradeSettings.model_validate(
    {
        "decider": "rules",
        "rails": {"min_confidence": 0.6, "cooldown_minutes": 0, "max_trades_per_hour": 99, "max_trades_per_day": 999,
                  "max_daily_loss_pct": 90, "max_drawdown_pct": 90},
    }
)  # fmt: skip


def write_market(folder: Path, market) -> Path:
    """A window's frames as a data folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in (("5min", market.samples_5min), ("15min", market.samples_15min)):
        write_samples(folder, name, frame, "ETHUSDT", 4)
    for name, frame in (
        ("1min", market.candles_1min),
        ("5min", market.candles_5min),
        ("15min", market.candles_5min.iloc[:0]),
    ):
        tables.write_candles(folder, name, frame, 4)
    return folder


def replayed(
    source: Path,
    outputs: Path,
    start: float,
    end: float,
    decider=None,
    settings=WIDE,
    terms=DEFAULT_TERMS,
    **fields,
):
    """A replay from one minute to another, without learning unless it is asked for."""
    replay = Replay(source, outputs, at(start), at(end), **({"learn": False, "rails": False} | fields))
    return run_replay(replay, settings, lambda folder: decider or RuleDecider(), terms)


def decisions_of(folder: Path) -> pd.DataFrame:
    frame, counts = load_decisions(folder, None, None)
    assert counts.set_aside == {}
    return frame[frame["executed"]].reset_index(drop=True)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_rule_decider_tick_by_tick_decides_what_the_batch_decides(tmp_path, seed):
    market = random_market(seed, count=240)
    source = write_market(tmp_path / "source", market)
    replayed(source, tmp_path / "out", -1, 1_200)
    ours = decisions_of(tmp_path / "out")
    batch = rules.decide(market.samples_5min, market.samples_15min, market.candles_5min, market.candles_1min)
    assert len(ours) == len(batch) > 10
    assert {"TP_HIT", "SL_HIT", "RIBBON_REVERSAL"} <= set(ours["exit_reason"])
    # The size differs (a unit there, the account's worth here), the wick there is only one in the trade's direction, no cost is 0 here,
    # and no gate asked there.
    for name in set(schema.DECISION_COLUMNS) - {"size", "fees", "wick", "model_cost_usd", "asked_because"}:
        if ours[name].dtype == float:
            np.testing.assert_allclose(ours[name], batch[name], atol=1e-7, err_msg=name)
        else:
            pd.testing.assert_series_equal(ours[name], batch[name], check_names=False)


def cut_files(source: Path, target: Path, until: pd.Timestamp) -> Path:
    """A folder's files as they were at an instant: rows known later are not there."""
    target.mkdir()
    for path in source.glob("*.csv"):
        timeframe = path.stem.rpartition("_")[2]
        length = schema.MINUTES[timeframe] if path.name.startswith("candle") else 0
        head, *rows = path.read_text().splitlines(keepends=True)
        known = [
            row for row in rows if pd.Timestamp(row.partition(",")[0]) + pd.Timedelta(minutes=length) <= until
        ]
        (target / path.name).write_text("".join([head, *known]))
    return target


@pytest.mark.parametrize("rails", [True, False])
def test_nothing_in_a_replay_knows_later_rows(tmp_path, rails):
    source = write_market(tmp_path / "source", random_market(4, count=120))
    replayed(source, tmp_path / "long", 0, 600, rails=rails)
    for until in (233, 301.5, 420):
        cut = cut_files(source, tmp_path / f"cut{until}", at(until))
        replayed(cut, tmp_path / f"out{until}", 0, until, rails=rails)
        ours, theirs = (
            load_decisions(tmp_path / name, None, at(until))[0] for name in (f"out{until}", "long")
        )
        assert ours["executed"].any()
        theirs = theirs[theirs["timestamp"] <= at(until)]
        pd.testing.assert_frame_equal(ours, theirs.reset_index(drop=True))
        told = log_rows(tmp_path / f"out{until}", "ticks.csv")
        assert told == log_rows(tmp_path / "long", "ticks.csv")[: len(told)]


def test_recorded_answers_give_the_same_trades_again(tmp_path):
    source = write_market(tmp_path / "source", random_market(5, count=120))
    replayed(source, tmp_path / "first", -1, 600)
    given = recorded_decider(tmp_path / "first", at(-1), at(600))
    replayed(source, tmp_path / "again", -1, 600, decider=given)
    first, again = decisions_of(tmp_path / "first"), decisions_of(tmp_path / "again")
    entries = ["timestamp", "direction", "confidence", "entry_price", "entry_time", "model"]
    assert len(again) > 3
    # Its exits are the standard ones, so a reversal that freed the first may find the second still in a trade.
    shared = again.merge(first, on=entries)
    assert len(shared) == len(again)
    standard = shared["exit_reason_y"].isin(schema.STANDARD_EXIT_REASONS)
    assert standard.sum() > 3
    assert (shared["exit_price_x"] == shared["exit_price_y"])[standard].all()


def test_a_stop_and_a_target_in_one_candle_are_the_stop(tmp_path):
    market = random_market(2, count=240)
    source = write_market(tmp_path / "source", market)
    path = source / schema.CANDLE_FILES["1min"]
    head, *rows = path.read_text().splitlines()
    wild = []
    for row in rows:
        time, opened, high, low, close, volume = row.split(",")
        high, low = float(high) * 1.01, float(low) * 0.99
        wild.append(f"{time},{opened},{high:.4f},{low:.4f},{close},{volume}")
    path.write_text("\n".join([head, *wild, ""]))
    replayed(source, tmp_path / "out", -1, 1_200)
    reasons = decisions_of(tmp_path / "out")["exit_reason"]
    assert len(reasons) > 10
    assert "SL_HIT" in set(reasons)
    assert (
        reasons == "TP_HIT"
    ).mean() < 0.2  # only samples inside the entry's own candle can still show a target first


def test_a_halt_is_lifted_at_midnight_and_drawdown_measured_anew(tmp_path):
    source = write_market(tmp_path / "source", random_market(6, count=2 * 288 + 12))
    rails = {"max_daily_loss_pct": 0.3, "max_drawdown_pct": 90, "min_confidence": 0.6}
    done = replayed(
        source,
        tmp_path / "out",
        0,
        2 * 1_440 + 60,
        rails=True,
        settings=TradeSettings(decider="rules", rails=rails),
    )
    events = [event for event in read_events(tmp_path / "out") if event.kind in ("halt", "resume")]
    kinds = [event.kind for event in events]
    assert kinds[:3] == ["halt", "resume", "halt"]
    lifted = [event.at for event in events if event.kind == "resume"]
    assert all(at_us % 86_400_000_000 == 0 for at_us in lifted)
    assert len(done.halts) == kinds.count("halt")
    assert done.halts[0]["lifted"] == pd.Timestamp(lifted[0], unit="us", tz="UTC").isoformat()
    fills = [event.at for event in read_events(tmp_path / "out") if event.kind == "fill"]
    assert any(fill > lifted[0] for fill in fills)
    assert not any(events[0].at < fill < lifted[0] for fill in fills)


def test_the_step_of_the_data_makes_ages_and_waits_grow(tmp_path):
    market = random_market(2, count=240)
    slow = {"5min": market.samples_5min.iloc[1::10], "15min": market.samples_15min.iloc[1::10]}
    source = tmp_path / "source"
    source.mkdir()
    for name, frame in slow.items():
        write_samples(source, name, frame, "ETHUSDT", 4)
    tables.write_candles(source, "5min", market.candles_5min, 4)
    tables.write_candles(source, "15min", market.candles_5min.iloc[:0], 4)
    done = replayed(source, tmp_path / "out", 60, 1_200, rails=True)
    assert "stale" not in done.outcomes
    assert len(done.book.fills) > 3


def test_a_folder_of_its_own_is_wanted(tmp_path):
    source = write_market(tmp_path / "source", random_market(1))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(ParameterError, match="not empty"):
        replayed(source, tmp_path / "full", 0, 60)
    with pytest.raises(ParameterError, match="not before"):
        replayed(source, tmp_path / "out", 60, 60)
    with pytest.raises(EmptyWindowError, match="no sample"):
        replayed(source, tmp_path / "late", 5_000, 6_000)


def test_without_agreement_no_money_is_spent(tmp_path, monkeypatch):
    source = write_market(tmp_path / "source", random_market(1))
    monkeypatch.setattr("runner.replay.command.cost_sentence", lambda *_: "it costs 5 dollars")
    asked = []

    def refused(text):
        asked.append(text)
        return False

    for training_until in ("", "2030-01"):
        claude = ClaudeSettings(training_until=training_until)
        sections = {"trade": WIDE, "terms": DEFAULT_TERMS, "claude": claude}
        with pytest.raises(ParameterError, match="not agreed"):
            replay_with(
                Replay(source, tmp_path / "out", at(0), at(60)),
                "claude",
                Config(tmp_path / "none", sections, {}),
                source,
                refused,
                quiet=True,
            )
    assert asked[0] == "it costs 5 dollars"
    assert asked[1].startswith(
        "it costs 5 dollars\nWarning: all of these data lie before the end of the model's"
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_learning_of_each_hour_is_what_a_cycle_publishes_and_knows_no_later_row(
    tmp_path, sample_data, forked_if_possible, monkeypatch
):
    to_do, done_of = {}, Counter()

    @contextmanager
    def counted(title, totals, quiet):
        to_do.update(totals)
        yield lambda unit, more: done_of.update({unit: more})

    monkeypatch.setattr("runner.replay.command.steps", counted)
    until = pd.Timestamp(json.loads((sample_data / "simulation.json").read_text())["parameters"]["end"])
    start, end = until - pd.Timedelta(hours=14), until - pd.Timedelta(hours=2)
    config = Config(
        tmp_path / "none", {"trade": WIDE, "terms": DEFAULT_TERMS, "claude": ClaudeSettings()}, {}
    )
    out = tmp_path / "out"
    summary = replay_with(
        Replay(sample_data, out, start, until, rails=False),
        "rules",
        config,
        sample_data,
        lambda text: True,
        quiet=True,
    )
    assert summary["hours_learned"] == 14
    assert done_of == to_do == {"ticks": summary["ticks"], "hours learned": 14}
    assert summary["trades"]["total"] > 3
    assert summary["source"]["decisions"] == "rules"
    assert (out / "equity.png").stat().st_size > 10_000
    # The same hour by the command, over the replay's folder as it is at the end: later rows are there, and must not count.
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in out.glob("*.csv"):
        (copy / path.name).write_bytes(path.read_bytes())
    done = run_cycle(Settings(copy, tmp_path / "cycles", DEFAULT_TERMS, iso(end)))
    assert done.manifest.status == "ok"
    hour = hour_folder(out, end)
    for name in (schema.INSIGHTS_FILE, schema.PROMPT_FILE):
        assert filecmp.cmp(hour / name, copy / name, shallow=False), name
    for result in (hour / "results").glob("*.json"):
        assert filecmp.cmp(result, done.run_dir / "results" / result.name, shallow=False), result.name


def published(folder: Path) -> dict[str, bytes]:
    """All that learning writes for readers, and what the ledger holds, by name."""
    kept = ("hours/**/*.*", "prompts/*", schema.INSIGHTS_FILE, schema.PROMPT_FILE, schema.HISTORY_FILE)
    files = sorted(path for pattern in kept for path in folder.glob(pattern))
    with LedgerStore.open_file(folder / LEDGER_FILE, writable=False) as store:
        ledger = repr(store.contents()).encode()
    return {str(path.relative_to(folder)): path.read_bytes() for path in files} | {"ledger": ledger}


def spoil(folder: Path) -> None:
    """A gap in the samples, a late row among them, one that is torn, and a candle twice."""
    path = folder / schema.SAMPLE_FILES["5min"]
    head, *rows = path.read_text().splitlines(keepends=True)
    rows = [row for row in rows if not iso(at(150)) < row.partition(",")[0] < iso(at(235))]
    rows.insert(len(rows) // 2, rows.pop(len(rows) // 2 - 40))
    rows.insert(len(rows) // 3, rows[len(rows) // 3][:30] + "\n")
    path.write_text("".join([head, *rows]))
    path = folder / schema.CANDLE_FILES["5min"]
    head, *rows = path.read_text().splitlines(keepends=True)
    path.write_text("".join([head, *rows[:40], rows[39], *rows[40:]]))


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_many_hours_at_once_publish_the_bytes_of_hour_by_hour(tmp_path, monkeypatch, jobs):
    monkeypatch.setattr(analyses, "CHUNK", 3)
    source = write_market(tmp_path / "source", random_market(7, count=84))
    spoil(source)
    hours = [at(60 * hour) for hour in (-30, 2, 3, 4, 5, 6, 40)]
    for name in ("one", "many"):
        replayed(source, tmp_path / name, 0, 420)
    one = Learning(tmp_path / "one", DEFAULT_TERMS)
    for hour in hours:
        one.learn(hour)
    many, told = Learning(tmp_path / "many", DEFAULT_TERMS), []
    with many.analyzing(hours, jobs) as found:
        many.publish(found.chunks(), told.append)
    assert told == [1] * len(hours)
    assert one.learned == many.learned == 5
    assert one.passed_over == many.passed_over == [iso(hours[0]), iso(hours[-1])]
    ours = published(tmp_path / "many")
    assert len(ours) > 5 * 6
    assert ours == published(tmp_path / "one")


@pytest.mark.slow
def test_hours_that_were_published_before_an_interrupt_are_kept_and_gone_on_from(tmp_path):
    source = write_market(tmp_path / "source", random_market(7, count=72))
    hours = [at(60 * hour) for hour in (2, 3, 4, 5)]
    for name in ("whole", "stopped"):
        replayed(source, tmp_path / name, 0, 330)

    def stop(done: int) -> None:
        if stopped.learned == 2:
            raise KeyboardInterrupt

    stopped = Learning(tmp_path / "stopped", DEFAULT_TERMS)
    with pytest.raises(KeyboardInterrupt):
        stopped.learn_all(hours, jobs=1, progress=stop)
    with LedgerStore.open_file(tmp_path / "stopped" / LEDGER_FILE, writable=False) as store:
        assert store.head() == iso(hours[1])
    assert load_insights(tmp_path / "stopped")["last_updated"] == iso(hours[1])
    stopped.learn_all(hours[2:], jobs=1)
    Learning(tmp_path / "whole", DEFAULT_TERMS).learn_all(hours, jobs=1)
    assert published(tmp_path / "stopped") == published(tmp_path / "whole")


@pytest.mark.slow
def test_hours_analyzed_beside_the_ticks_are_those_analyzed_when_all_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(analyses, "CHUNK", 2)
    monkeypatch.setattr(analyses.os, "cpu_count", lambda: 2)
    source = write_market(tmp_path / "source", random_market(7, count=96))
    begun = []
    really = analyses.Analyses.reached

    def reached(self, at):
        really(self, at)
        begun.append(len(self._begun))

    monkeypatch.setattr(analyses.Analyses, "reached", reached)
    told = []
    replay = Replay(source, tmp_path / "beside", at(0), at(480), rails=False)
    done = run_replay(
        replay, WIDE, lambda folder: RuleDecider(), DEFAULT_TERMS, lambda what, count: told.append(what)
    )
    assert max(begun) == 3
    assert told.count("hours learned") == 8 == done.learning.learned
    replayed(source, tmp_path / "behind", 0, 480)
    Learning(tmp_path / "behind", DEFAULT_TERMS).learn_all([at(60 * hour) for hour in range(1, 9)], jobs=1)
    assert published(tmp_path / "beside") == published(tmp_path / "behind")


@pytest.mark.slow
def test_what_a_replay_that_learns_writes_is_made_durable_once_at_its_end(tmp_path, monkeypatch):
    source = write_market(tmp_path / "source", random_market(7, count=72))
    synced, sync = [], os.fsync

    def spy(descriptor: int) -> None:
        synced.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", spy)
    monkeypatch.setattr(os, "sync", lambda: synced.append("all"))
    replay = Replay(source, tmp_path / "out", at(0), at(330), rails=False)
    run_replay(
        replay, WIDE, lambda folder: RuleDecider(), DEFAULT_TERMS,
        lambda what, count: synced.append(what),
    )  # fmt: skip
    begun = synced[synced.index("ticks") :]
    assert "file" not in begun
    assert begun[-1] == "all"
    assert len(read_events(tmp_path / "out")) > 3


@pytest.mark.slow
def test_workers_let_the_process_of_the_ticks_go_first():
    with analyses.Analyses(analyses.HourAnalyzer(Path(), DEFAULT_TERMS, 24.0), [], jobs=2) as found:
        theirs = found._pool.submit(os.nice, 0).result()
    assert theirs == min(os.nice(0) + 10, 19)
    assert theirs > os.nice(0)


@pytest.mark.slow
def test_a_decider_that_listens_is_told_what_was_learned_up_to_the_last_full_hour(tmp_path):
    source = write_market(tmp_path / "source", random_market(8, count=60))
    heard = {}

    class Listener(Script):
        def __init__(self, folder):
            super().__init__()
            self.folder = folder

        def decide(self, view, deadline_s):
            told = load_insights(self.folder)
            heard[view.at] = pd.Timestamp(told["last_updated"]) if told else None
            return super().decide(view, deadline_s)

    chosen = TradeSettings.model_validate({"gate": {"every_minutes": 7, "least_seconds": 0}})
    replay, told = Replay(source, tmp_path / "out", at(30), at(300)), Counter()
    done = run_replay(replay, chosen, Listener, DEFAULT_TERMS, lambda what, more: told.update({what: more}))
    assert done.learning.learned == told["hours learned"] == 5
    assert len(heard) > 20
    for moment, of in heard.items():
        # At a full hour itself its own learning has not been done yet.
        hour = (moment - pd.Timedelta(microseconds=1)).floor("h")
        assert of == (None if hour < at(60) else hour), moment


def test_what_may_be_spent_names_one_model_or_both(tmp_path):
    source = write_market(tmp_path / "source", random_market(1))
    replay = Replay(source, tmp_path / "out", at(0), at(60))

    def told(**changed: object) -> str:
        claude = ClaudeSettings(daily_cap_usd=1_000, max_calls_per_day=10**6, **changed)
        sections = {"trade": WIDE, "terms": DEFAULT_TERMS, "claude": claude}
        return cost_sentence(replay, WIDE, Config(tmp_path / "none", sections, {}))

    alone, both = told(), told(first_model="claude-haiku-5-5")
    assert re.search(r"0\.0 days with claude-sonnet-5-5: about [\d,]+ to [\d,]+ calls, \$", alone)
    assert re.search(
        r"with claude-haiku-5-5, then claude-sonnet-5-5: about [\d,]+ to [\d,]+ decisions, \$", both
    )
    (least, most), (least_alone, most_alone) = (
        [float(found) for found in re.findall(r"\$([\d.]+\d)", text)[:2]] for text in (both, alone)
    )
    # At least each decision is the cheap model's alone; at most both are paid, of which the dear one writes no cache.
    assert least <= least_alone and least_alone < most < most_alone
