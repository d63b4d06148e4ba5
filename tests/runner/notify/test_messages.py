"""What people are told, written out."""

from __future__ import annotations

from runner.notify.messages import (
    blocked_message,
    cycle_message,
    entry_message,
    exit_message,
    halt_message,
    stale_message,
)
from tests.builders import at
from tests.runner.claude.made import held


def test_entry_and_exit():
    entry = entry_message(held(), "ETHUSDT", 0.8)
    assert (entry.kind, entry.title) == ("entry", "LONG ETHUSDT at 2090, 2026-01-05T09:40:00Z")
    assert entry.body == (
        "size 0.4, stop 2086.865, target 2096.27, confidence 0.80; closed by time at 2026-01-05T10:25:00Z at the latest"
    )
    ended = exit_message(held(), "ETHUSDT", 2096.27, at(592.5), "TP_HIT", 0.21, -1.5)
    assert ended.title == "TP_HIT: LONG ETHUSDT +0.210 % net, 2026-01-05T09:52:30Z"
    assert ended.body == "2090 to 2096.27 in 12.5 min; today -1.50"


def test_halt_blocked_and_stale():
    assert halt_message("daily loss 2.1 %").title == "HALT: daily loss 2.1 %"
    assert "`ribbon resume`" in halt_message("x").body
    assert blocked_message("billing", "HTTP 400").title == "Claude cannot be asked: billing"
    assert stale_message("5min", 1234.4).body.startswith("the newest sample is 1,234 s old")
    assert stale_message("15min", None).body.startswith("there is none")


def test_cycle():
    manifest = {
        "cycle": "20260105T100000Z",
        "parameters": {"as_of": "2026-01-05T10:00:00Z"},
        "status": "partial",
        "published": True,
        "headline": {"trades": 4, "win_rate": None, "net_pnl": -1.25},
        "notebooks": {"01_actual_trades": {"status": "ok"}, "03_smart_backtest": {"status": "failed"}},
    }
    told = cycle_message(manifest)
    assert told.title == "cycle 20260105T100000Z: partial, published"
    assert told.body == "known up to 2026-01-05T10:00:00Z: trades 4, net pnl -1.25\nfailed: 03_smart_backtest"
    assert "nothing published" in cycle_message(manifest | {"published": False, "headline": {}}).title
