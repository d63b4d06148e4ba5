from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from runner.cli import COMMANDS, app, app_for


def test_every_command_is_listed_and_names_its_module():
    shown = CliRunner().invoke(app, ["--help"], terminal_width=200).output
    for name in COMMANDS:
        assert f"│ {name} " in shown, name
        alone = CliRunner().invoke(app_for(name), [name, "--help"], terminal_width=200)
        assert alone.exit_code == 0 and f"ribbon {name}" in alone.output.replace(
            "Usage: root", "Usage: ribbon"
        ), name


def test_a_command_imports_only_its_own_module():
    code = "import sys; from runner.cli import app_for; app_for('config'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = set(done.stdout.split())
    slow = {"vectorbt", "selenium", "anthropic", "ccxt", "pandas", "scipy", "nbformat"}
    assert "runner.cli.config" in imported
    assert not imported & (slow | {"runner.cli.cycle", "runner.cli.simulate"})


@pytest.mark.parametrize("words", [["no-such-command"], ["config", "--no-such-option"]])
def test_a_word_that_is_none_is_refused_with_the_commands_name(words):
    done = subprocess.run([sys.executable, "-m", "runner.main", *words], capture_output=True, text=True)
    assert done.returncode == 2 and "Usage: ribbon" in done.stderr and "Traceback" not in done.stderr
