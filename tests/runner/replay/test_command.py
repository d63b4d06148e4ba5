"""A replay with Claude behind a real server: what its summary says of the cost is what the file of what was spent says."""

from __future__ import annotations

import json

import pytest

from lib.market.terms import DEFAULT_TERMS
from runner.claude.model_cost import cost_of_folder
from runner.claude.settings import ClaudeSettings
from runner.config import Config
from runner.replay.command import replay_with
from runner.replay.replay import Replay
from runner.trade.settings import TradeSettings
from tests.builders import at, random_market
from tests.messages_server import MessagesServer, reply_text
from tests.runner.replay.test_replay import write_market


def test_the_summary_says_what_was_billed_and_what_is_reserved(tmp_path):
    source, told = write_market(tmp_path / "source", random_market(1)), []
    with MessagesServer() as server:
        server.fails(500).says(reply_text(), usage={})  # the first two calls: nobody knows what they cost
        claude = ClaudeSettings(base_url=server.url, api_key=server.key, deadline_s=2.0)
        sections = {"trade": TradeSettings(), "terms": DEFAULT_TERMS, "claude": claude}
        replay = Replay(source, tmp_path / "out", at(0), at(120), learn=False)
        config = Config(tmp_path / "none", sections, {})
        summary = replay_with(
            replay, "claude", config, source, lambda text: not told.append(text), quiet=True
        )
    cost = summary["model_cost"]
    assert cost["calls"] == len(server.requests) > 3
    assert cost["unknown_calls"] == 2 and cost["reserved_usd"] > 0
    known = cost_of_folder(tmp_path / "out", claude)
    assert cost["words"] == known.words() and cost["billed_usd"] == known.billed_usd
    assert cost["billed_usd"] == pytest.approx(
        sum(row["usd"] for row in settled(tmp_path / "out" / "model_spend.csv")), abs=1e-6
    )
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["model_cost"] == cost


def settled(path):
    head, *rows = (line.split(",") for line in path.read_text().splitlines())
    found = [dict(zip(head, row, strict=True)) for row in rows]
    return [row | {"usd": float(row["usd"])} for row in found if row["event"] == "settle"]
