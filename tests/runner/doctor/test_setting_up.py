"""Checks of key, configuration, data, lessons, budget and notifications."""

from __future__ import annotations

import pandas as pd
import pytest

from lib.contract.times import iso
from lib.prompt.archive import sha256_of
from runner.claude.ledger import SPEND_FILE, SpendLedger
from runner.claude.model_cost import cost_of_day
from runner.claude.settings import ClaudeSettings
from runner.collect.state_file import StateFile
from runner.doctor.examination import examine
from runner.doctor.setting_up import budget, config, data, key, lessons, network, notifications, older_files
from runner.notify.settings import NotifySettings
from runner.notify.untaken import note
from runner.processes.environment import NETWORK
from runner.status.status import status
from runner.trade import tick_log
from runner.trade.settings import TradeSettings
from tests.runner.claude.made import publish_lessons


@pytest.mark.parametrize(
    ("secret", "state"),
    [
        ("sk-ant-canary", "ok"),
        ("", "fail"),
        ("canary", "warn"),
        ("sk-ant-can ary", "fail"),
        ("sk-ant-canäry", "fail"),
        ("“sk-ant-canary”", "fail"),
        ('"sk-ant-canary"', "fail"),
    ],
)
def test_key(patient, secret, state):
    found = key(patient(claude=ClaudeSettings(api_key=secret)))
    assert found.state == state
    assert not secret or secret not in found.detail


def test_no_key_is_needed_where_rules_decide(patient, tmp_path):
    (tmp_path / "ribbon.toml").write_text('[trade]\ndecider = "rules"\n')
    found = key(patient(claude=ClaudeSettings(api_key="")))
    assert (found.state, found.detail) == ("ok", "there is none, and the rule decider needs none")
    (tmp_path / "ribbon.toml").write_text("[trade\n")
    assert key(patient(claude=ClaudeSettings(api_key=""))).state == "fail"


@pytest.mark.parametrize(
    ("name", "value", "state"),
    [
        ("HTTPS_PROXY", "http://me:canary@localhost:3128", "ok"),
        ("HTTPS_PROXY", "ftp://me:canary@localhost:21", "fail"),
        ("SSL_CERT_FILE", "/gone/canary.pem", "fail"),
        ("", "", "ok"),
    ],
)
def test_proxies_and_certificates_of_the_environment(patient, tmp_path, monkeypatch, name, value, state):
    for each in NETWORK:
        monkeypatch.delenv(each, raising=False)
    if name:
        monkeypatch.setenv(name, value)
    found = network(patient())
    assert found.state == state and "me:canary" not in found.detail
    assert name in found.detail and (state == "ok" or found.fix)
    (tmp_path / "ribbon.toml").write_text('[trade]\ndecider = "rules"\n')
    assert network(patient()).state == state.replace("fail", "warn")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_secrets_that_others_may_read_are_told(patient, tmp_path, mode):
    place = tmp_path / ".env"
    place.write_text("ANTHROPIC_API_KEY=sk-canary\n", encoding="utf-8")
    place.chmod(0o600)
    assert config(patient()).state == "ok"
    place.chmod(mode)
    found = config(patient())
    assert (found.state, found.fix) == ("warn", f"Run `chmod 600 {place}`")
    assert f"{place} may be read by others" in found.detail
    assert "canary" not in str(found)


def test_config(patient, tmp_path):
    assert config(patient()).state == "ok"
    (tmp_path / "ribbon.toml").write_text("[claude]\nmax_tokens = 700\n")
    assert config(patient()).state == "ok"
    (tmp_path / "ribbon.toml").write_text("[claude\n")
    found = config(patient())
    assert (found.state, "ribbon.toml" in found.detail) == ("fail", True)


def test_older_files(patient, tmp_path, monkeypatch):
    assert older_files(patient()).state == "ok"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ticks.csv").write_text("timestamp,outcome,reason_code\n")
    (tmp_path / "ribbon.toml").write_text("[trade.exits]\nstop_pct = 0.3\n")
    monkeypatch.setattr(tick_log, "COLUMNS", (*tick_log.COLUMNS, "detail"))
    found = older_files(patient())
    assert (found.state, "ribbon upgrade" in found.fix) == ("warn", True)
    assert "trade.exits.stop_pct is terms.stop_pct now" in found.detail
    assert "ticks.csv lacks the column detail" in found.detail


@pytest.mark.parametrize(("minutes", "state"), [(1, "ok"), (60, "warn")])
def test_data(patient, tmp_path, minutes, state):
    (tmp_path / "data").mkdir()
    at = iso(pd.Timestamp.now("UTC").floor("s") - pd.Timedelta(minutes=minutes))
    (tmp_path / "data" / "ema_data_5min.csv").write_text(
        f"timestamp,price,state,MMA5\n{at},100,all_green,99\n"
    )
    found = data(patient())
    assert (found.state, f"newest row {at}" in found.detail) == (state, True)


def test_a_chart_that_shows_no_volume(patient, tmp_path):
    at = iso(pd.Timestamp.now("UTC").floor("s"))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ema_data_5min.csv").write_text(
        f"timestamp,price,state,MMA5\n{at},100,all_green,99\n"
    )
    shown = {"5min": {"volume": True}, "15min": {"volume": False}}
    StateFile(tmp_path / "data").write({"written": at, "charts": shown})
    found = data(patient())
    assert (found.state, "no volume is shown on 15min" in found.detail) == ("warn", True)
    assert "study Volume" in found.fix
    shown["15min"]["volume"] = True
    for state in ({"charts": shown}, {"charts": {"5min": {}}}, {"charts": None}, {}):
        StateFile(tmp_path / "data").write({"written": at} | state)
        assert data(patient()).state == "ok"


def test_no_data_and_data_that_cannot_be_read(patient, tmp_path):
    assert data(patient()).state == "warn"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ema_data_5min.csv").write_text("nonsense\n1\n")
    (found,) = [finding for finding in examine(patient()) if finding.name == "data"]
    assert (found.state, "ema_data_5min.csv" in found.detail) == ("fail", True)
    (tmp_path / "data" / "ema_data_5min.csv").write_text(
        "timestamp,price,state,MMA5\n05.01.2026 13:51,1,all_green,9\n"
    )
    (found,) = [finding for finding in examine(patient()) if finding.name == "data"]
    assert (found.state, "none of its 1 rows can be taken" in found.detail) == ("fail", True)


def test_a_file_that_stands_packed_is_told(patient, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "claude_decisions.csv.gz").write_bytes(b"packed")
    found = data(patient())
    assert (found.state, found.detail) == ("warn", "claude_decisions.csv is not there")
    assert found.fix == "claude_decisions.csv.gz stands beside it: unpack that"


def test_lessons(patient, tmp_path):
    (tmp_path / "data").mkdir()
    assert lessons(patient()).state == "warn"
    publish_lessons(tmp_path / "data")
    assert lessons(patient()).state == "ok"
    told = tmp_path / "data" / "prompt_addition.md"
    own, foreign = told.read_text(), told.read_text() + "always buy\n"
    told.write_text(foreign)
    insights = tmp_path / "data" / "training_insights.json"
    insights.write_text(insights.read_text().replace(sha256_of(own), sha256_of(foreign)))
    assert (
        "which no cycle told or composed" in lessons(patient()).detail
        and "`ribbon cycle`" in lessons(patient()).fix
    )
    publish_lessons(tmp_path / "data", "2097-01-05T12:00:00Z")
    ahead = lessons(patient())
    assert ahead.state == "warn" and "ahead of this machine's clock" in ahead.detail


def test_cycles_that_stopped_while_data_come_are_told(patient, tmp_path):
    folder, now = tmp_path / "data", pd.Timestamp.now("UTC").floor("min")
    folder.mkdir()
    (folder / "candlesticks_1min.csv").write_text(
        f"timestamp,open,high,low,close,volume\n{iso(now - pd.Timedelta(minutes=2))},1,1,1,1,1\n"
    )
    for hours, state in ((1, "ok"), (3, "warn")):
        publish_lessons(folder, iso(now - pd.Timedelta(hours=hours)))
        assert lessons(patient()).state == state
    assert "the data go on to" in lessons(patient()).detail


def test_budget(patient, tmp_path):
    (tmp_path / "data").mkdir()
    assert budget(patient()).detail == cost_of_day(tmp_path / "data", patient().claude).words()
    ledger = SpendLedger(tmp_path / "data" / SPEND_FILE, 2.0, 250).open()
    ledger.reserve(2.0, "m")
    ledger.close()
    assert budget(patient()).state == "warn"


def test_rows_ahead_of_the_clock_are_told_as_that(patient, tmp_path):
    folder = tmp_path / "trading_data"
    folder.mkdir(exist_ok=True)
    (folder / "candlesticks_5min.csv").write_text(
        "timestamp,open,high,low,close,volume\n2999-01-01T00:00:00Z,1,1,1,1,1\n"
    )
    found = data(patient(trading_data=folder))
    assert (
        found.state == "warn" and "ahead of this machine's clock, up to 2999-01-01T00:05:00Z" in found.detail
    )


CANDLES = "timestamp,open,high,low,close,volume\n"


def test_doctor_tells_of_a_folders_files_what_status_does(patient, tmp_path):
    (folder := tmp_path / "data").mkdir()
    now = pd.Timestamp.now("UTC").floor("min")
    rows = [f"{iso(now - pd.Timedelta(minutes=ago))},1,1,1,1,1\n" for ago in (4, 3, 2)]
    (folder / "candlesticks_1min.csv").write_text(CANDLES + rows[0] + "damaged\n" + rows[1])
    (folder / "candlesticks_5min.csv").write_text(CANDLES + "2999-01-01T00:00:00Z,1,1,1,1,1\n")
    (folder / "candlesticks_15min.csv").write_text(CANDLES + "2998-01-01T00:00:00Z,1,1,1,1,1\n")
    found = data(patient())
    told = status(folder, TradeSettings(), pd.Timestamp.now("UTC").value // 1_000)["findings"]
    assert found.state == "warn" and len(told) == 3
    assert found.detail == "; ".join(each["what"] for each in told)
    assert "candlesticks_1min.csv, line 3: 1 of its 3 rows are set aside (1 malformed)" in found.detail
    assert "candlesticks_15min.csv has rows ahead of this machine's clock" in found.detail
    assert found.fix.split("; ")[-1] == "Set the clock right" and found.fix.count("Set the clock right") == 1


def test_a_row_as_far_ahead_as_clocks_differ_is_no_finding(patient, tmp_path):
    (folder := tmp_path / "data").mkdir()
    at = pd.Timestamp.now("UTC").ceil("s") + pd.Timedelta(seconds=3)
    (folder / "ema_data_5min.csv").write_text(f"timestamp,price,state,MMA5\n{iso(at)},100,all_green,99\n")
    found = data(patient())
    assert found.state == "ok" and found.detail.startswith(f"newest row {iso(at)}")


def test_a_model_of_unknown_price_has_no_budget_unless_rules_decide(patient, tmp_path):
    dear = patient(claude=ClaudeSettings(model="claude-dear-9"))
    found = budget(dear)
    assert found.state == "fail" and "[claude.prices]" in found.detail
    (tmp_path / "ribbon.toml").write_text('[trade]\ndecider = "rules"\n')
    assert budget(dear).state == "ok"


def test_notifications(patient):
    assert "off" in notifications(patient()).detail
    found = notifications(patient(notify=NotifySettings(urls="ntfy://canary json://canary")))
    assert found.detail.startswith("2 service(s)")
    assert "canary" not in found.detail


def test_an_address_that_apprise_does_not_understand_is_named_by_its_place(patient):
    found = notifications(patient(notify=NotifySettings(urls="ntfy://canary, canary@mail.org")))
    assert found.state == "warn" and "number 2 is none" in found.detail
    assert "canary" not in found.detail


def test_messages_that_a_service_does_not_take_are_a_warning(patient, tmp_path):
    (tmp_path / "data").mkdir()
    note(tmp_path / "data", taken=False)
    found = notifications(patient(notify=NotifySettings(urls="json://127.0.0.1:9/")))
    assert found.state == "warn" and "not taken" in found.detail and "notify-test" in found.fix
    note(tmp_path / "data", taken=True)
    assert notifications(patient(notify=NotifySettings(urls="json://127.0.0.1:9/"))).state == "ok"
