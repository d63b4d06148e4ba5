"""A real cycle over a folder that holds another bot's trades and nothing else: what can be said is said, the rest is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lib.foreign import trade_tables as tables

pytestmark = pytest.mark.slow
RIBBON = Path(sys.executable).parent / "ribbon"


def ribbon(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(RIBBON), *map(str, words)], env=os.environ, capture_output=True, text=True, check=False
    )


def test_trades_alone(tmp_path):
    data, path = tmp_path / "data", tables.plain(tmp_path / "log.csv")
    assert ribbon("import-trades", path, "--trading-data", data, "--yes").returncode == 0
    options = (
        "--trading-data",
        data,
        "--outputs",
        tmp_path / "outputs",
        "--as-of",
        "newest",
        "--lookback-hours",
        72,
    )
    done = ribbon("cycle", *options, "--json")
    assert done.returncode == 7, done.stderr
    manifest = json.loads(done.stdout)
    states = {name: entry["status"] for name, entry in manifest["notebooks"].items()}
    assert [states[name] for name in sorted(states)] == ["ok", "skipped", "skipped", "skipped", "ok", "ok"]
    assert (
        "Traceback" not in done.stderr
        and "`ribbon backfill" in manifest["notebooks"]["03_smart_backtest"]["error"]
    )
    assert (manifest["headline"]["trades"], manifest["headline"]["account_net_pnl"]) == (
        3,
        -53.2,
    )
    page = (Path(manifest["run_dir"]) / "reports" / "01_actual_trades.html").read_text()
    assert "imported trades" in page and "setups, wicks, regime and longer holds are unknown" in page
    prompt = (data / "prompt_addition.md").read_text()
    assert "Decisions: another bot's, imported, not yours." in prompt
