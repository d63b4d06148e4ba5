"""`ribbon doctor`: words to stdout, or JSON, and an exit code that says it."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from runner.cli import app
from runner.cli.doctor import lines
from runner.doctor.examination import CHECKS
from runner.doctor.findings import CheckResult
from runner.errors import DoctorError


def test_a_missing_key_fails_it(tmp_path, monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    arguments = ["doctor", "--offline", "--json", "--trading-data", str(tmp_path), "--outputs", str(tmp_path)]
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, DoctorError)
    assert result.exception.exit_code == 30
    assert "key" in str(result.exception)
    findings = json.loads(result.stdout)["findings"]
    assert [finding["name"] for finding in findings] == [name for name, _ in CHECKS]
    assert "fail  key" in result.stderr


def test_ready(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "runner.doctor.examination.examine", lambda patient: [CheckResult("all", "warn", "well", "sleep")]
    )
    result = CliRunner().invoke(app, ["doctor", "--trading-data", str(tmp_path)])
    assert (result.exit_code, result.stderr) == (0, "")
    assert "warn  all" in result.stdout


def test_a_line_a_check_and_the_fix_below_it():
    found = lines([CheckResult("disk", "ok", "9 GB"), CheckResult("key", "fail", "none", "Set it")])
    assert found == ["ok    disk           9 GB", "fail  key            none", " " * 21 + "Set it"]
