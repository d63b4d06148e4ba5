"""`ribbon upgrade`: says what is old, brings it up, and says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lib.errors import MissingDataError
from runner.cli import app


@pytest.fixture
def run(tmp_path, monkeypatch):
    config = tmp_path / "ribbon.toml"
    config.write_text("[trade.paper]\nfee_pct = 0.02\n")
    monkeypatch.setenv("RIBBON_CONFIG", str(config))

    def upgraded(*options: str):
        result = CliRunner().invoke(app, ["upgrade", "--trading-data", str(tmp_path), "--json", *options])
        assert result.exit_code == 0, result.exception
        return json.loads(result.stdout)["files"], result.stderr

    return upgraded


def test_dry_run_then_upgrade_then_nothing(run, tmp_path):
    config = tmp_path / "ribbon.toml"
    before = config.read_text()
    (old,), told = run("--dry-run")
    assert (old["path"], config.read_text(), "copy" in old) == (str(config), before, False)
    assert told.startswith(f"old: {config} (has old keys: trade.paper.fee_pct is terms.fee_pct now)")
    (done,), told = run()
    assert config.read_text() == "[terms]\nfee_pct = 0.02\n" and done["copy"] in told
    assert (tmp_path / done["copy"]).read_text() == before
    assert run() == ([], "nothing is old\n")


@pytest.mark.parametrize("options", [("--dry-run",), ()])
def test_variables_with_an_old_name_are_told_with_the_new_one(run, tmp_path, monkeypatch, options):
    monkeypatch.setenv("RIBBON_TRADE__PAPER__FEE_PCT", "0.02")
    (tmp_path / ".env").write_text("RIBBON_TRADE__EXITS__STOP_PCT=0.3\nANTHROPIC_API_KEY=canary\n")
    result = CliRunner().invoke(
        app, ["upgrade", "--trading-data", str(tmp_path), "--json", *options], catch_exceptions=False
    )
    told = json.loads(result.stdout)["variables"]
    assert [words.partition(":")[0] for words in told] == [
        "environment RIBBON_TRADE__PAPER__FEE_PCT",
        f"{tmp_path / '.env'} RIBBON_TRADE__EXITS__STOP_PCT",
    ]
    assert "for RIBBON_TERMS__FEE_PCT" in told[0] and "for RIBBON_TERMS__STOP_PCT" in told[1]
    assert result.stderr.count("to be changed by hand: ") == 2 and "canary" not in result.output


@pytest.mark.parametrize(
    ("make", "told"),
    [(Path.touch, "this is a file, not a folder"), (lambda path: None, "there is no such folder")],
)
def test_a_folder_that_is_none_is_refused_and_not_told_as_up_to_date(run, tmp_path, make, told):
    make(tmp_path / "typo")
    result = CliRunner().invoke(app, ["upgrade", "--trading-data", str(tmp_path / "typo")])
    assert isinstance(result.exception, MissingDataError) and told in str(result.exception)
