from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from lib.errors import MissingDataError
from lib.learning.history import store_record
from runner.cli import history
from tests.lib.learning.test_history import FIRST, SECOND, cycle


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    history.register(made)
    made.callback()(lambda: None)  # keeps `history` a command of its own
    return made


def stored(folder) -> None:
    one = cycle(FIRST, [0.1], [0.1], [])
    store_record(folder, one)
    store_record(folder, cycle(SECOND, [0.1, -0.1], [-0.1], [one]))


def test_text(app, tmp_path):
    stored(tmp_path)
    shown = CliRunner().invoke(app, ["history", "--trading-data", str(tmp_path)])
    assert shown.exit_code == 0 and shown.stdout.startswith("Training history: 2 cycles") and not shown.stderr


def test_json_goes_to_stdout_and_text_to_stderr(app, tmp_path):
    stored(tmp_path)
    shown = CliRunner().invoke(app, ["history", "--trading-data", str(tmp_path), "--json", "--last", "1"])
    listing = json.loads(shown.stdout)
    assert (listing["cycles"], listing["set_aside"]) == (2, 0)
    assert [record["timestamp"] for record in listing["records"]] == [SECOND]
    assert listing["weeks"][0]["closed"] == 2 and listing["weeks"][0]["scalper_score"] is None
    assert shown.stderr.startswith("Training history")


def test_nothing_recorded_yet_and_no_folder(app, tmp_path):
    shown = CliRunner().invoke(app, ["history", "--trading-data", str(tmp_path)])
    assert shown.exit_code == 0 and "ribbon cycle" in shown.stdout
    failed = CliRunner().invoke(app, ["history", "--trading-data", str(tmp_path / "none")])
    assert isinstance(failed.exception, MissingDataError)
