"""Two real minutes of the live side, every process a real one: chart page → collector → loop → paper trades → cycle → the next prompt.

The market is pushed where an event calls for it (a fill is there: now the price moves to the target), so that a busy machine makes the test
longer and not wrong.
"""

from __future__ import annotations

import hashlib
import json
import signal
from typing import Any

import pandas as pd
import pytest

from lib.contract import schema
from runner.claude.ledger import SPEND_FILE
from runner.trade.events import Event
from runner.trade.tick_log import TICKS_FILE
from tests.end_to_end.accounting import (
    check_money,
    check_nothing_left,
    check_samples,
    check_secret,
    check_ticks,
    outcomes_told,
    times,
)
from tests.end_to_end.rig import Rig, table
from tests.messages_server import MessagesServer, Recorded

pytestmark = [pytest.mark.slow, pytest.mark.browser]

LASTS_S = 120.0
#: What the model says of an entry; no word of it may come back in a later prompt.
CANARY = "canary-5b1f said the model"


def trade_to(rig: Rig, server: MessagesServer, direction: str, push_pct: float) -> Event:
    """An answer to enter, its fill, a move of the market, and the exit it leads to."""
    exits, fills = len(rig.events("exit")), len(rig.events("fill"))
    server.answers(direction=direction, confidence=0.9, target_pct=0.3, stop_pct=0.3, reasoning=CANARY)
    rig.until(lambda: len(rig.events("fill")) > fills, f"a {direction} is filled")
    rig.page.market.push(rig.page.now(), 6.0, push_pct)
    rig.until(lambda: len(rig.events("exit")) > exits, f"the {direction} is left")
    return rig.events("exit")[-1]


def system_texts(request: Recorded) -> list[str]:
    return [block["text"] for block in request.body["system"]]


def settled(rig: Rig) -> list[dict[str, Any]]:
    """Tokens of each call, in the order in which they were made: one at a time."""
    rows = table(rig.data / SPEND_FILE)
    return rows[rows["event"] == "settle"].to_dict("records") if len(rows) else []


def learn(rig: Rig, server: MessagesServer) -> tuple[str, int]:
    """A cycle, then two decisions that know what it published; its text, and the place of the first such request."""
    rig.run("cycle")
    text = (rig.data / schema.PROMPT_FILE).read_text(encoding="utf-8")
    rig.until(lambda: len(system_texts(server.requests[-1])) == 2, "a request with the new lessons")
    place = next(n for n, request in enumerate(server.requests) if len(system_texts(request)) == 2)
    rig.until(lambda: len(settled(rig)) > place + 1, "a second decision with the new lessons")
    return text, place


def test_two_minutes(rig_with, server):
    with rig_with(days=1.0, seed=5) as rig:
        rig.start("collect")
        rig.until(lambda: rig.samples("5min") and rig.samples("15min"), "both charts are collected")
        (rig.data / "KILL").touch()
        rig.start("trade", "--json")
        rig.until(lambda: "kill" in stopped_by(rig), "the kill file keeps Claude from being asked")
        (rig.data / "KILL").unlink()
        rig.until(lambda: len(settled(rig)) >= 1, "Claude is asked")
        first = trade_to(rig, server, "LONG", +0.9)
        second = trade_to(rig, server, "SHORT", +0.9)
        text, place = learn(rig, server)
        check_secret(rig)
        rig.until(lambda: lasted(rig) >= LASTS_S, "two minutes of samples", LASTS_S + 60)
        rig.stop("trade", signal.SIGTERM)
        rig.stop("collect", signal.SIGINT)

        assert (first.direction, first.reason) == ("LONG", "TP_HIT")
        assert (second.direction, second.reason) == ("SHORT", "SL_HIT")
        check_trades(rig)
        check_prompts(rig, server, text, place)
        check_learned(rig, text)
        check_samples(rig)
        asked, others = check_ticks(rig)
        seen = times(rig.collected("5min"))
        seen = seen[(seen >= asked.append(others).min()) & (seen <= asked.append(others).max())]
        assert len(seen) == len(asked) + len(others), "a sample without an outcome"
        assert "kill" in stopped_by(rig) and rig.decisions()["timestamp"].min() > first_tick(rig)
        said, told = rig.said("trade"), outcomes_told(rig)
        assert f"stopped after {sum(told.values())} ticks" in said and "HTTP Request" not in said
        assert told["asked"] == len(asked) and sum(told.values()) == len(table(rig.data / TICKS_FILE)) + len(
            asked
        )
        check_money(rig)
        check_nothing_left(rig)


def stopped_by(rig: Rig) -> set[str]:
    """Reason codes of the ticks that asked nobody."""
    return set(table(rig.data / TICKS_FILE).get("reason_code", []))


def first_tick(rig: Rig) -> str:
    return table(rig.data / TICKS_FILE)["timestamp"].min()


def lasted(rig: Rig) -> float:
    at = times(rig.collected("5min"))
    return (at[-1] - at[0]).total_seconds()


def check_trades(rig: Rig) -> None:
    """Exits lie at exactly target and stop, and cost what docs/definitions.md says: fees of 0.045 % a side."""
    rows = rig.decisions()
    traded = rows[rows["executed"] == "True"]
    assert traded["exit_reason"].tolist() == ["TP_HIT", "SL_HIT"]
    assert traded["exit_price"].tolist() == [traded["target_price"].iloc[0], traded["stop_price"].iloc[1]]
    assert traded["pnl_pct"].astype(float).tolist() == pytest.approx([0.3, -0.3], abs=1e-4)
    assert traded["net_pnl_pct"].astype(float).tolist() == pytest.approx([0.21, -0.39], abs=1e-4)
    assert (times(traded, "entry_time") > times(traded)).all()
    assert (times(traded, "exit_time") > times(traded, "entry_time")).all()
    assert set(rows["model"]) == {"claude-sonnet-5-5"}
    assert set(rows[rows["executed"] != "True"]["direction"]) == {"HOLD"}


def check_prompts(rig: Rig, server: MessagesServer, text: str, place: int) -> None:
    """From `place` on the requests carry the published lessons, and the decisions their hash; the cache holds what does not change."""
    sha = hashlib.sha256(text.encode()).hexdigest()
    assert [request.problem for request in server.requests] == [None] * len(server.requests)
    assert all(
        request.headers["authorization"] == f"Bearer {server.key}"
        or request.headers.get("x-api-key") == server.key
        for request in server.requests
    )
    parts = [system_texts(request) for request in server.requests]
    rules = parts[0][0]
    assert parts == [[rules]] * place + [[rules, text]] * (len(parts) - place)
    assert sha == json.loads((rig.data / schema.INSIGHTS_FILE).read_text())["provenance"]["prompt_sha256"]
    assert rig.decisions()["prompt_sha"].tolist() == [""] * place + [sha] * (len(parts) - place)
    assert not any(CANARY in request.text for request in server.requests)
    read = [int(row["cache_read_tokens"]) for row in settled(rig)]
    written = [int(row["cache_write_tokens"]) for row in settled(rig)]
    assert len(read) == len(parts)
    assert read[0] == 0 and written[0] > 0
    assert set(read[1 : place + 1]) == {written[0]} and set(written[1:place]) <= {0}
    assert written[place] > 0
    assert set(read[place + 1 :]) == {written[0] + written[place]} and set(written[place + 1 :]) == {0}
    standing = rig.state("claude.json")
    assert (standing["state"], standing["cache_misses"], standing["warnings"]) == ("ok", 0, [])


def check_learned(rig: Rig, text: str) -> None:
    """What was published is of the two trades just made, and the prompt says so."""
    insights = rig.state(schema.INSIGHTS_FILE)
    assert set(insights["sections"].values()) == {"ok"}
    actual = insights["actual_performance"]
    assert (actual["total_trades"], actual["win_rate"]) == (2, 50.0)
    assert (actual["long_stats"]["wins"], actual["short_stats"]["wins"]) == (1, 0)
    traded = rig.decisions().loc[lambda rows: rows["executed"] == "True"]
    net = (traded["net_pnl_pct"].astype(float) * traded["entry_price"].astype(float) / 100).sum()
    assert actual["total_pnl"] == pytest.approx(net, abs=0.011)
    assert "n=2" in text.replace(" ", "") or "2 trades" in text
    assert pd.Timestamp(insights["last_updated"]) > times(traded, "exit_time")[-1]
