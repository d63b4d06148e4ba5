"""One set of terms from ribbon.toml to wherever a figure is told: the same break-even in all of them."""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner

from lib.contract.schema import INSIGHTS_FILE, PROMPT_FILE
from lib.lessons.advance import ledger_at
from lib.lessons.eras import TERMS_FILE, Era
from lib.market.terms import Terms
from runner.choose import live_decider
from runner.cli import app
from runner.config import load_config
from runner.cycle.manifest import read_manifests
from runner.trade.view import view_now
from tests.lib.lessons.streams.made import lively_market, write_folder
from tests.messages_server import MessagesServer
from tests.runner.trade.made import Script, hand_loop

#: Round trip 2 (0.02 + 0.01) = 0.06; break-even (0.3 + 0.06) / (0.6 + 0.3) = 40 %.
CONFIG = """[terms]
fee_pct = 0.02
target_pct = 0.6
stop_pct = 0.3
max_stop_pct = 0.4

[claude]
base_url = "{url}"
"""
TERMS = Terms(fee_pct=0.02, target_pct=0.6, stop_pct=0.3, max_stop_pct=0.4)


def ribbon(*arguments: object) -> str:
    done = CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.slow
def test_the_same_break_even_wherever_it_is_told(tmp_path, forked, monkeypatch):
    folder, outputs = write_folder(tmp_path / "data", lively_market(1, 10)), tmp_path / "outputs"
    with MessagesServer() as server:
        (tmp_path / "ribbon.toml").write_text(CONFIG.format(url=server.url))
        monkeypatch.setenv("RIBBON_CONFIG", str(tmp_path / "ribbon.toml"))
        monkeypatch.setenv("ANTHROPIC_API_KEY", server.key)
        ribbon("cycle", "--trading-data", folder, "--outputs", outputs, "--as-of", "newest")
        config = load_config()
        view = view_now(folder, config.section("trade"))
        with live_decider("claude", config, folder) as decider:
            decider.decide(view, 60.0)
        (asked,) = server.requests
    dry = ribbon("trade", "--trading-data", folder, "--dry-run")

    rules, lessons = (block["text"] for block in asked.body["system"])
    prompt = (folder / PROMPT_FILE).read_text()
    assert lessons == prompt
    for told in (rules, dry):
        assert "So 40.0 percent of trades must win" in told
        assert "brings\n0.54 percent net and a loss takes 0.36 percent net" in told
    for told in (prompt, dry):
        assert (
            "(target 0.60 %, stop 0.30 %) a trade breaks even after costs where more than 40.0 % win." in told
        )
    (manifest,) = read_manifests(outputs)
    report = (outputs / manifest.cycle / "reports" / "03_smart_backtest.html").read_text()
    assert re.search(r"40\.0\W+% needed at its fixed exits", report)
    for told in (asked.text, prompt, dry, report):
        assert "57.8" not in told

    stop = asked.body["output_config"]["format"]["schema"]["properties"]["stop_pct"]["description"]
    assert "0.05 to 0.4" in stop
    insights = json.loads((folder / INSIGHTS_FILE).read_text())
    assert Terms.model_validate(insights["provenance"]["terms"]) == TERMS
    for file in (outputs / manifest.cycle / "results").glob("0*.json"):
        stamped = json.loads(file.read_text())["parameters"]
        assert (
            all(stamped[name] == value for name, value in TERMS if name in stamped) and "fee_pct" in stamped
        )
    with ledger_at(folder, manifest.as_of) as store:
        assert store.era() == Era("", TERMS)
    (line,) = (folder / TERMS_FILE).read_text().splitlines()
    assert json.loads(line) == {"at": manifest.as_of, "terms": TERMS.model_dump()}


def test_the_loop_notes_a_change_when_it_begins(tmp_path):
    with hand_loop(tmp_path, Script(), terms=TERMS) as (loop, _):
        assert loop.terms == TERMS
    with hand_loop(tmp_path, Script(), terms=TERMS):
        pass
    (line,) = (tmp_path / TERMS_FILE).read_text().splitlines()
    assert json.loads(line) == {"at": "2026-01-05T00:00:30Z", "terms": TERMS.model_dump()}
