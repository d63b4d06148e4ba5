"""A person's own modules stand where `ribbon` is started: none of them is run in place of ours, or of the library's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lib.paths import repository_root
from runner.processes.become import command_of
from runner.processes.environment import notebook_environment
from runner.processes.interpreter import module_command


@pytest.fixture
def own(tmp_path) -> Path:
    """A folder with modules of names that are taken; each leaves a mark when it is run."""
    for name in (
        "csv.py",
        "random.py",
        "pandas.py",
        "lib/__init__.py",
        "runner/__init__.py",
        "supervisor/__init__.py",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(
            f"open({str(tmp_path / 'RAN')!r}, 'a').write(__name__)\nraise RuntimeError('a module of the person')\n"
        )
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        module_command("runner.main", "--version"),
        command_of("serve", module_command("runner.main", "cycle", "--help")),
        module_command("supervisor.supervisord", "--version"),
    ],
)
def test_nothing_of_the_folder_that_a_program_is_run_in_is_imported(own, command):
    done = subprocess.run(command, cwd=own, capture_output=True, text=True, timeout=60)
    assert (done.returncode, (own / "RAN").exists()) == (0, False), done.stderr


def test_a_notebooks_process_that_is_started_plain_is_our_own(own, tmp_path):
    environment = notebook_environment(tmp_path, "a-run")
    command = module_command("runner.cycle.child")
    done = subprocess.run(
        command, cwd=own, env=environment, input="", capture_output=True, text=True, timeout=60
    )
    assert "a module of the person" not in done.stderr and not (own / "RAN").exists()


def test_only_what_runs_in_the_repository_or_shows_notebooks_is_started_otherwise():
    rooms = (repository_root() / "runner").rglob("*.py")
    plain = {
        path.parent.name + "/" + path.name
        for path in rooms
        if '[sys.executable, "-m"' in path.read_text(encoding="utf-8")
    }
    assert plain == {"warm/client.py", "warm/server.py", "warm/kernelspec.py", "cli/kernel.py"}
