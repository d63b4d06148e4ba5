"""`ribbon import-recording`: the command over the real recording."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from lib.errors import MissingDataError, ParameterError
from runner.cli import app


def test_the_real_recording(shared_data: Path, tmp_path: Path) -> None:
    folder = str(shared_data / "recorded_ribbon")
    arguments = [
        "import-recording",
        folder,
        "--timezone",
        "+01:00",
        "--trading-data",
        str(tmp_path),
        "--json",
    ]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["files"]["ema_data_5min.csv"]["rows"] == 651
    again = json.loads(CliRunner().invoke(app, arguments).stdout)
    assert {name: file["rows"] for name, file in again["files"].items()} == dict.fromkeys(again["files"], 0)


def test_refusals(tmp_path: Path) -> None:
    arguments = ["import-recording", str(tmp_path), "--trading-data", str(tmp_path / "data"), "--timezone"]
    assert isinstance(CliRunner().invoke(app, [*arguments, "Middle/Earth"]).exception, ParameterError)
    assert isinstance(CliRunner().invoke(app, [*arguments, "UTC"]).exception, MissingDataError)
    assert CliRunner().invoke(app, arguments[:-1]).exit_code == 2  # the zone is never guessed
