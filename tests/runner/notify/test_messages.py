"""What people are told, written out."""

from __future__ import annotations

from runner.notify.messages import blocked_message, cycle_message


def test_blocked():
    assert blocked_message("billing", "HTTP 400").title == "Claude cannot be asked: billing"
    assert blocked_message("", "since").title == "Claude answers again"


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
