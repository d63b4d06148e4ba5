"""What `ribbon trade` says while it runs."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import runner.choose
import runner.trade.live
from runner.cli.trade import trade


def test_why_claude_is_not_asked_is_said_with_its_remedy_though_no_notification_is_set(
    tmp_path, monkeypatch, caplog
):
    @contextmanager
    def refused(name, load, folder, notify, announce, new_account):
        announce("authentication", "HTTP 401 authentication_error: invalid API key")
        yield SimpleNamespace(symbol="ETHUSDT", broker=SimpleNamespace(name="paper"))

    monkeypatch.setattr(runner.choose, "live_loop", refused)
    monkeypatch.setattr(runner.trade.live, "run_live", lambda *_: {})
    trade(trading_data=tmp_path, decider="claude")
    assert (
        "Claude is not asked: authentication: HTTP 401 authentication_error: invalid API key. Set a key that is valid: ANTHROPIC_API_KEY; "
        "start `ribbon trade` again then" in caplog.text
    )
