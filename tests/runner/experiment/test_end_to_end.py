"""From the first draw to the verdict: replayed samples, and a model behind a local server that heeds what it is told.

The market rises. A planted lesson that says so makes the model enter LONG, one that says the contrary SHORT; without a lesson it holds.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.lessons.streams.models import HOUR
from lib.market.terms import DEFAULT_TERMS
from lib.prompt.archive import archive_text
from runner.claude.settings import ClaudeSettings
from runner.config import Config
from runner.experiment.settings import ExperimentSettings
from runner.experiment.store import read_experiments
from runner.replay.command import replay_with
from runner.replay.replay import Replay
from runner.replay.telling import summary_lines
from runner.trade.settings import TradeSettings
from tests.builders import at, random_market
from tests.messages_server import MessagesServer
from tests.runner.experiment.asked import says, told
from tests.runner.replay.test_replay import write_market
from tests.runner.trade.made import log_rows

RISES_PCT_A_MINUTE = 0.1
WIDE = TradeSettings.model_validate(
    {
        "gate": {"every_minutes": 2.0, "least_seconds": 0},
        "rails": {"cooldown_minutes": 0, "max_trades_per_hour": 99, "max_trades_per_day": 999,
                  "max_daily_loss_pct": 90, "max_drawdown_pct": 90},
    }
)  # fmt: skip


def rising(folder: Path, candles: int) -> Path:
    """A data folder whose price rises all the time, with some noise."""
    market = random_market(3, count=candles)

    def lifted(frame: pd.DataFrame, stamps: pd.Index, names: list[str]) -> pd.DataFrame:
        minutes = np.asarray((stamps - at(0)) / pd.Timedelta(minutes=1))
        factor = np.exp(RISES_PCT_A_MINUTE / 100 * minutes)
        return frame.assign(**{name: np.round(frame[name] * factor, 4) for name in names})

    prices, ohlc = ["price", "MMA5"], ["open", "high", "low", "close"]
    made = replace(
        market,
        samples_5min=lifted(market.samples_5min, market.samples_5min.index, [*prices, "MMA10"]),
        samples_15min=lifted(market.samples_15min, market.samples_15min.index, prices),
        candles_1min=with_range(lifted(market.candles_1min, market.candles_1min["closed_at"], ohlc)),
        candles_5min=with_range(lifted(market.candles_5min, market.candles_5min["closed_at"], ohlc)),
    )
    return write_market(folder, made)


def with_range(candles: pd.DataFrame) -> pd.DataFrame:
    """Each candle opens where the one before closed, and its range holds both."""
    opened = candles["close"].shift(1).fillna(candles["open"])
    high = pd.concat([opened, candles["close"]], axis=1).max(axis=1) * 1.0001
    low = pd.concat([opened, candles["close"]], axis=1).min(axis=1) * 0.9999
    return candles.assign(open=opened, high=high.round(4), low=low.round(4))


def experiment(tmp_path: Path, lesson: str, direction: str, **fields: object):
    """A replay of the rising market with a planted lesson against none; its summary, folder, and what the server was sent."""
    source = rising(tmp_path / "source", 150)
    kept = archive_text(source, lesson)
    with MessagesServer() as server:
        server.choose = lambda body: says(server, direction=direction, confidence=0.9) if told(body) else None
        sections = {
            "trade": WIDE,
            "terms": DEFAULT_TERMS,
            "claude": ClaudeSettings(
                base_url=server.url, api_key=server.key, max_calls_per_day=100_000, daily_cap_usd=1_000
            ),
            "experiment": ExperimentSettings.model_validate(
                {"a": {"name": "planted", "lessons": kept}} | fields
            ),
        }
        out = tmp_path / "out"
        summary = replay_with(
            Replay(source, out, at(30), at(745), learn=False),
            "claude",
            Config(tmp_path / "none", sections, {}),
            source,
            lambda text: True,
            quiet=True,
            seed=1,
        )
        return summary, out, list(server.requests)


@pytest.mark.slow
def test_a_good_lesson_is_found_to_help(tmp_path):
    summary, out, requests = experiment(tmp_path, "FAVOUR: LONG, the market rises.\n", "LONG", paired=True)
    found = summary["experiment"]["judgement"]
    assert found["verdict"] == "helps"
    rows = read_experiments(out).newest
    assert rows.verdict.verdict == "helps"
    assert rows.stop is None, "a holdout goes on"
    assert rows.probability() == 0.9
    later = [draw.probability for draw in rows.draws if draw.at > rows.verdict.at]
    assert later == [0.9] * len(later)
    assert found["paired"]["difference_pct"] > 0.1
    assert found["paired"]["low_pct"] > 0
    text = "\n".join(summary_lines(summary, []))
    assert "helps: planted made more than no lessons" in text
    assert {told(request.body) for request in requests} == {True, False}


@pytest.mark.slow
def test_a_bad_lesson_is_found_to_harm_and_the_next_request_is_without_it(tmp_path):
    summary, out, requests = experiment(tmp_path, "FAVOUR: SHORT, the market falls.\n", "SHORT", paired=True)
    assert summary["experiment"]["judgement"]["verdict"] == "harms"
    rows = read_experiments(out).newest
    assert (rows.verdict.verdict, rows.stop.why) == ("harms", "harms")
    assert summary["experiment"]["gone_back"].startswith("gone back to no lessons since")
    verdict = pd.Timestamp(rows.verdict.at, unit="us", tz="UTC")
    later = [
        row for row in log_rows(out, "claude_decisions.csv") if pd.Timestamp(row["timestamp"]) >= verdict
    ]
    assert len(later) > 3
    assert {row["prompt_sha"] for row in later} == {""}
    last = next(place for place, request in reversed(list(enumerate(requests))) if told(request.body))
    behind = requests[last + 1 :]
    assert len(behind) >= len(later)
    assert not any("FAVOUR: SHORT" in json.dumps(request.body) for request in behind)
    standing = json.loads((out / "claude.json").read_text())
    assert "experiment e1 proved that planted harms" in standing["no_lessons"]
    assert rows.verdict.at - rows.draws[0].at < 12 * HOUR


@pytest.mark.slow
def test_executed_blocks_alone_come_to_the_same_verdict(tmp_path):
    summary, *_ = experiment(tmp_path, "FAVOUR: LONG, the market rises.\n", "LONG", share=0.5)
    found = summary["experiment"]["judgement"]
    assert found["judged_by"] == "randomised"
    assert found["randomised"]["difference_pct"] > 0.05
    assert found["paired"] is None
