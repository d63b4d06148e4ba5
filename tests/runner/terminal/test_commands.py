"""No command, whatever files, names, settings and arguments it meets, lets a control character out (docs/guarantees.md, S4)."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from lib.contract.visible import visible
from runner.cli import COMMANDS
from runner.main import main
from runner.trade.events import COLUMNS

HOSTILE = "\x1b]0;owned\x07\x1b[31m\x9b2J\u202e\u200b\x7f"
#: Arguments by command, FOLDER for the hostile folder; each makes the command tell something of what is hostile.
ARGUMENTS = {
    "setup": ["--source", HOSTILE, "--decider", "rules", "--trading-data", "FOLDER"],
    "backfill": ["--candles", "FOLDER/candles.csv", "--trading-data", "FOLDER"],
    "simulate": ["--trading-data", "FOLDER", "--days", "1", "--seed", "1", "--decisions", HOSTILE],
    "import-recording": ["FOLDER/none", "--timezone", "UTC", "--trading-data", "FOLDER"],
    "import-trades": ["FOLDER/trades.csv", "--trading-data", "FOLDER", "--yes"],
    "ask": ["FOLDER/falls.py", "--trading-data", "FOLDER"],
    "cycle": ["--trading-data", "FOLDER", "--as-of", HOSTILE],
    "history": ["--trading-data", "FOLDER", HOSTILE],
    "lessons": ["show", HOSTILE, "--trading-data", "FOLDER"],
    "lookahead": ["--outputs", "FOLDER", "--cycle", HOSTILE],
    "collect": ["--once", "--trading-data", "FOLDER"],
    "trade": ["--decider", "rules", "--trading-data", "FOLDER"],
    "replay": ["--outputs", "FOLDER", "--from", HOSTILE, "--to", HOSTILE],
    "compare": [HOSTILE, "FOLDER"],
    "study": ["FOLDER/none.toml", "--trading-data", "FOLDER"],
    "status": ["--trading-data", "FOLDER"],
    "experiment": ["status", "--trading-data", "FOLDER"],
    "why": [HOSTILE, "--trading-data", "FOLDER"],
    "serve": ["--trading-data", "FOLDER"],
    "watch": ["--trading-data", "FOLDER"],
    "resume": ["--trading-data", "FOLDER"],
    "up": ["--show", "--trading-data", "FOLDER"],
    "doctor": ["--offline", "--trading-data", "FOLDER"],
    "upgrade": ["--trading-data", "FOLDER"],
    "config": [],
    "claude-cost": ["--trading-data", "FOLDER"],
    "notify-test": [HOSTILE],
    "kernel": ["status", HOSTILE],
}
#: Commands that read the settings before all else: theirs are hostile.
SETTINGS = ("collect", "config", "doctor", "claude-cost", "serve")
#: Commands without --json.
WORDS_ONLY = ("resume",)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    made = tmp_path / f"data{HOSTILE}\udcff"
    made.mkdir()
    (made / "candles.csv").write_text(f"time,open,high,low,close\n{HOSTILE},1,2,{HOSTILE},1\n")
    (made / "trades.csv").write_text(f"entry_time,{HOSTILE},exit_time\n{HOSTILE},1,2\n")
    (made / "falls.py").write_text(f'"""Price falls after a {HOSTILE}."""\n\nimport os  # {HOSTILE}\n')
    (made / "ema_data_5min.csv").write_text(f"timestamp,{HOSTILE},price\n{HOSTILE},1,2\n")
    (made / "ticks.csv").write_text(f"timestamp,{HOSTILE}\n{HOSTILE},1\n")
    (made / "training_history.jsonl").write_text(json.dumps({"timestamp": HOSTILE}) + f"\n{HOSTILE}\n")
    (made / "training_insights.json").write_text(HOSTILE)
    (made / "trade_events.csv").write_text(f"{','.join(COLUMNS)}\n1,open,{HOSTILE}{',' * 14}\n")
    chart = {"quality": "frozen", "wrong": [HOSTILE], "read": 1}
    state = {"written": "2026-01-05T00:00:00Z", "symbol": HOSTILE, "charts": {HOSTILE: chart}}
    (made / "collector.json").write_text(json.dumps(state, ensure_ascii=False))
    (made / "experiments.jsonl").write_text(f"{HOSTILE}\n")
    (made / "claude.json").write_text(json.dumps({"state": "blocked", "detail": HOSTILE}))
    monkeypatch.setattr(sys, "stdout", sys.stdout)  # put back, the gate before them gone
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    return made


def test_no_command_is_left_out():
    assert set(ARGUMENTS) == set(COMMANDS)


@pytest.mark.parametrize("as_json", [False, True], ids=["words", "json"])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_lets_a_control_character_out(
    command, as_json, folder, tmp_path, monkeypatch, capfdbinary
):
    config = tmp_path / f"ribbon{HOSTILE}.toml"
    if command in SETTINGS:
        escaped = json.dumps(HOSTILE)
        config.write_text(f"[collect]\nsymbol = {escaped}\nbeat_s = {escaped}\n{escaped} = 1\n")
    monkeypatch.setenv("RIBBON_CONFIG", os.fsdecode(os.fsencode(config)))
    words = [word.replace("FOLDER", str(folder)) for word in ARGUMENTS[command]]
    monkeypatch.setattr(
        sys,
        "argv",
        ["ribbon", command, *words, *(["--json"] if as_json and command not in WORDS_ONLY else [])],
    )
    with pytest.raises(SystemExit):
        main()
    sys.stdout.flush()
    told = b"".join(capfdbinary.readouterr()).decode()
    assert "owned" in told and "Traceback" not in told
    assert visible(told, lines=True) == told
