"""Doctor reads what collector and loop left: not all is ok while Claude refuses, a chart is frozen, or nobody goes on."""

from __future__ import annotations

import json
import os

import pandas as pd
import pytest

from lib.contract.times import iso
from runner.claude.standing import COSTS_MORE, ClaudeState
from runner.collect.state_file import STATE_FILE, StateFile
from runner.doctor.at_work import account, broker, claude, collector
from runner.doctor.examination import examine
from runner.trade.events import Event, EventLog
from runner.trade.tick_log import COLUMNS, TICKS_FILE
from tests.fake_exchange.server import KEY, SECRET, running


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


DOUBTED = {
    "file": "ema_data_15min.csv",
    "since": "2026-01-05T00:00:00Z",
    "until": "2026-01-05T00:02:00Z",
    "samples": 12,
}


def collecting(folder, seconds_ago: float = 1.0, chart: dict | None = None, **fields: object) -> None:
    written = iso((pd.Timestamp.now("UTC") - pd.Timedelta(seconds=seconds_ago)).floor("s"))
    charts = {
        "5min": {"quality": "ok", "wrong": [], "read": 3, "refused": {}},
        "15min": chart or {"quality": "ok"},
    }
    StateFile(folder).write(
        {"status": "reading", "written": written, "symbol": "ETHUSDT", "beat_s": 10.0, "charts": charts}
        | fields
    )


def test_all_is_ok_where_nothing_was_left_or_all_goes_on(patient, folder):
    assert (collector(patient()).state, claude(patient()).state) == ("ok", "ok")
    collecting(folder)
    ClaudeState(state="ok").write(folder)
    assert (collector(patient()).state, claude(patient()).state) == ("ok", "ok")


@pytest.mark.parametrize(
    ("state", "what", "fix"),
    [
        (
            {"chart": {"quality": "frozen", "wrong": ["nothing moved"]}},
            "15min chart is frozen: nothing moved",
            "reload",
        ),
        ({"chart": {"quality": "partial"}}, "15min chart is partial", "enough history"),
        (
            {"chart": {"quality": "venue_mismatch"}},
            "15min chart is venue_mismatch",
            "the chart's own market",
        ),
        ({"seconds_ago": 7_300.0}, "stale: written 2 h ago", "Start `ribbon collect`"),
        ({"seconds_ago": 75.0}, "stale: written 7", "Start `ribbon collect`"),
        ({"seconds_ago": -60.0}, "ahead of", "clock"),
        ({"status": "stopped"}, "it was stopped at", "Start `ribbon collect`"),
        ({"status": "disk_full", "disk": "No space left"}, "No space left", "Free some space"),
        ({"status": "browser_down", "browser_fault": "it ended"}, "no browser: it ended", "doctor"),
        (
            {"chart": {"quality": "ok", "doubted": [DOUBTED]}},
            "12 samples of ema_data_15min.csv, from 2026-01-05T00:00:00Z",
            "take those rows out",
        ),
        ({"status": "stopped", "chart": {"doubted": [DOUBTED]}}, "12 samples", "take those rows out"),
        ({"status": "waiting", "waits_for": "5min: log in"}, "not all charts are read", "5min: log in"),
    ],
)
def test_what_is_wrong_with_the_charts_is_told_with_a_remedy(patient, folder, state, what, fix):
    collecting(folder, **state)
    found = collector(patient())
    assert found.state == "warn" and what in found.detail and fix in found.fix


@pytest.mark.parametrize(
    ("fields", "fix"),
    [
        (
            {"state": "blocked", "reason": "authentication", "retry_at": "2026-01-05T00:15:00Z"},
            "ANTHROPIC_API_KEY",
        ),
        ({"state": "blocked", "reason": "billing"}, "Add credit"),
        ({"state": "budget", "reason": "budget"}, "daily_cap_usd"),
        ({"state": "blocked", "reason": "something_new"}, "Do what the API says"),
    ],
)
def test_a_refusing_api_is_told_with_its_age_and_a_remedy(patient, folder, fields, fix):
    ClaudeState(**fields, detail="HTTP 400", since="2026-01-05T00:00:00Z").write(folder)
    os.utime(folder / "claude.json", (pd.Timestamp.now().timestamp() - 7_300,) * 2)
    found = claude(patient())
    assert found.state == "warn" and fix in found.fix
    assert (
        f"not asked: {fields['reason']} since 2026-01-05T00:00:00Z: HTTP 400 (told 2 h ago)" in found.detail
    )
    assert ("tried again at 2026-01-05T00:15:00Z" in found.fix) == ("retry_at" in fields)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"state": 3, "written": 3}',
        b'{"written": "today", "charts": []}',
    ],
)
def test_a_file_that_is_none_is_told_and_no_broken_check(patient, folder, content):
    for name, check in ((STATE_FILE, collector), ("claude.json", claude)):
        (folder / name).write_bytes(content)
        if name == STATE_FILE or b"today" not in content:
            found = check(patient())
            assert (found.state, bool(found.fix)) == (
                "warn",
                True,
            ) and "no state that was written here" in found.detail


def test_the_examination_has_both(patient, folder):
    collecting(folder, chart={"quality": "frozen"})
    (folder / "claude.json").write_text(json.dumps({"state": "blocked", "reason": "billing"}))
    states = {finding.name: finding.state for finding in examine(patient())}
    assert (states["collector"], states["claude"]) == ("warn", "warn")


def test_which_models_are_asked_is_told_where_one_is_asked_first(folder, patient):
    alone = ClaudeState(state="ok", model="dear", outcomes={"ok": 8})
    alone.write(folder)
    assert claude(patient()).detail == "answered when it was last asked"
    both = ClaudeState(state="ok", model="dear", first_model="cheap", first_alone=6, asked_on=2)
    both.write(folder)
    found = claude(patient())
    assert (found.state, found.detail) == (
        "ok", "answered when it was last asked: cheap first, dear in 2 of 8 decisions",
    )  # fmt: skip


def test_a_warning_of_claude_is_told_with_what_to_do(folder, patient):
    state = ClaudeState(state="ok")
    state.warn(COSTS_MORE)
    state.write(folder)
    found = claude(patient())
    assert (found.state, found.detail) == ("warn", COSTS_MORE) and "Set [claude.prices]" in found.fix


EXCHANGE = '[trade]\nbroker = "exchange"\n[exchange]\nsymbol = "ETHUSDT"\naddress = "{}"\n'


def test_orders_that_could_not_leave_are_told(patient, folder, tmp_path, monkeypatch):
    for name in ("RIBBON_LIVE_ACCOUNT", "RIBBON_EXCHANGE_KEY", "RIBBON_EXCHANGE_SECRET"):
        monkeypatch.delenv(name, raising=False)
    assert examine(patient(), [("broker", broker)])[0].state == "ok"
    with running() as server:
        (tmp_path / "ribbon.toml").write_text(EXCHANGE.format(server.address))

        def found(ask: bool = True):
            (told,) = examine(patient(ask_network=ask), [("broker", broker)])
            assert "CANARY" not in told.detail + told.fix
            return told.state, told.detail

        assert found()[0] == "fail" and "RIBBON_LIVE_ACCOUNT" in found()[1]
        monkeypatch.setenv("RIBBON_LIVE_ACCOUNT", "bybit testnet")
        assert found()[0] == "fail" and "RIBBON_EXCHANGE_KEY" in found()[1]
        monkeypatch.setenv("RIBBON_EXCHANGE_KEY", KEY)
        monkeypatch.setenv("RIBBON_EXCHANGE_SECRET", "wrong-CANARY")
        assert found()[0] == "fail" and "signature" in found()[1]
        assert found(ask=False)[0] == "ok" and "not tried" in found(ask=False)[1]
        monkeypatch.setenv("RIBBON_EXCHANGE_SECRET", SECRET)
        assert found() == ("ok", "bybit testnet ETHUSDT of user 24617703: equity 1,000.00 USDT, nothing held")
        server.account.side, server.account.size = "Buy", 0.5
        assert found()[1].endswith("equity 1,000.00 USDT, LONG held")
        server.account.side, server.account.size, server.account.equity = "", 0.0, 0.0
        assert found()[0] == "fail" and "holds no USDT" in found()[1]
        assert not server.account.opened
    (folder / "KILL").touch()
    assert found()[0] == "warn" and "kill file" in found()[1]


def test_of_orders_nothing_is_known_without_a_configuration_and_no_folder_is_no_kill_file(
    patient, folder, tmp_path
):
    folder.rmdir()
    assert broker(patient()).detail == "paper: no order leaves this machine"
    (tmp_path / "ribbon.toml").write_text("[trade\n")
    found = broker(patient())
    assert (found.state, found.detail) == (
        "warn",
        "not known while the configuration cannot be read",
    )


def test_a_position_that_no_loop_looks_at_is_told(patient, folder, monkeypatch):
    rule = {"stop_pct": 0.15, "target_pct": 0.3, "hold_minutes": 45.0}
    begun = pd.Timestamp.now("UTC").value // 1_000 - 3_600_000_000
    with EventLog(folder) as log:
        log.append(Event("open", begun, price=1_000.0))
        log.append(Event("order", begun + 1, "a", "LONG", notional=100.0, valid_until=begun + 9, **rule))
        log.append(Event("fill", begun + 2, "a", "LONG", size=1.0, price=100.0, fee=0.1, **rule))
    monkeypatch.setattr(
        "runner.status.files.FilesOfFolder.there", lambda files: pytest.fail("the data were read")
    )
    found = account(patient())
    assert found.state == "warn" and "no loop has looked at it for 60 min" in found.detail
    assert found.fix.startswith("Start `ribbon trade`")
    ticked = (
        f"{','.join(COLUMNS)}\n{iso(pd.Timestamp.now('UTC').floor('s'))},no_setup{',' * (len(COLUMNS) - 2)}\n"
    )
    (folder / TICKS_FILE).write_text(ticked)
    assert account(patient()).state == "ok"
