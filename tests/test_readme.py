"""What the README tells a newcomer to type must work as it stands there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from lib.paths import repository_root
from runner.cli import app

README = (repository_root() / "README.md").read_text(encoding="utf-8")
CRON_FIELD = re.compile(r"[\d*/,-]+")


def blocks(language: str = "") -> list[str]:
    """Fenced blocks of the README in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    """Every `ribbon …` command of the README, in blocks and in running text, as words."""
    texts = [line.split("#")[0] for block in blocks() for line in block.splitlines()]
    texts += re.findall(r"`(ribbon [^`]+)`", README)
    return [shlex.split(text) for text in texts if text.startswith("ribbon ")]


def named(words: list[str]) -> list[str]:
    """The command that the words name: `ribbon cycle`, or one of a group, as `ribbon lessons diff`."""
    command = typer.main.get_command(app).commands.get(words[1])
    return words[1:3] if getattr(command, "commands", None) and len(words) > 2 else words[1:2]


def test_every_command_and_option_of_the_readme_exists():
    assert len(commands()) >= 5
    for words in commands():
        shown = CliRunner().invoke(app, [*named(words), "--help"], terminal_width=200)
        assert shown.exit_code == 0, words
        for option in [word for word in words if word.startswith("--")]:
            assert option in shown.output, (words, option)


def test_every_make_target_of_the_readme_exists():
    targets = set(
        re.findall(r"^([a-z-]+):", (repository_root() / "Makefile").read_text(), flags=re.MULTILINE)
    )
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", README, flags=re.MULTILINE))
    assert {"demo", "test"} <= named <= targets


def test_the_exit_codes_of_the_readme_are_those_of_the_errors():
    from lib import errors
    from runner import errors as runner_errors

    codes = {
        error.exit_code
        for module in (errors, runner_errors)
        for error in vars(module).values()
        if isinstance(error, type) and issubclass(error, errors.RibbonError)
    }
    section = README.partition("## Exit codes\n")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| ([\d, ]+) \| ", section, flags=re.MULTILINE)
    told = [int(code) for row in listed for code in row.split(",")]
    assert sorted(told) == sorted(codes | {0})


def crontab_line() -> str:
    return next(
        line
        for block in blocks()
        for line in block.splitlines()
        if "ribbon cycle" in line and "* * *" in line
    )


def test_the_crontab_line_has_five_fields_and_fires_once_an_hour():
    fields = crontab_line().split(maxsplit=5)
    assert all(CRON_FIELD.fullmatch(field) for field in fields[:5])
    assert fields[0].isdigit() and fields[1:5] == ["*"] * 4
    assert "%" not in fields[5]  # cron would read it as a newline


@pytest.mark.slow
def test_the_crontab_line_runs_a_cycle_as_cron_would(sample_data, tmp_path):
    """By /bin/sh, from a home folder, with cron's bare environment; the sample ends in the past, so the window is empty."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "ribbon-lab").symlink_to(repository_root())
    data, outputs = tmp_path / "data", tmp_path / "outputs"
    shutil.copytree(sample_data, data)
    bare = {"HOME": str(home), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LOGNAME": "cron"}
    places = {"RIBBON_TRADING_DATA": str(data), "RIBBON_OUTPUTS": str(outputs)}
    command = crontab_line().split(maxsplit=5)[5].replace("outputs/cron.log", str(tmp_path / "cron.log"))
    done = subprocess.run(["/bin/sh", "-c", command], env=bare | places, cwd=home, check=False)
    log = Path(tmp_path / "cron.log").read_text()
    assert done.returncode == 4 and "nothing was known in" in log and "--as-of newest" in log
    newest = subprocess.run(
        ["/bin/sh", "-c", command.replace("ribbon cycle", "ribbon cycle --as-of newest")],
        env=bare | places,
        cwd=home,
        check=False,
    )
    log = Path(tmp_path / "cron.log").read_text()
    assert newest.returncode == 0, log
    assert "06_training_history: ok" in log and "\x1b" not in log  # plain lines, no colours
    assert (outputs / "index.html").is_file() and os.path.lexists(outputs / "latest")
