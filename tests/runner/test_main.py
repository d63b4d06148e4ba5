from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
import typer
from typer.testing import CliRunner

from runner import main as entry
from runner.cli import COMMANDS, PANELS, app, app_for, listing
from runner.terminal.gate import say as entry_say


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


@pytest.mark.parametrize("command", COMMANDS)
def test_completing_an_option_takes_nothing_slow(command):
    """Each of these takes longer to import than a finger waits for."""
    code = f"import sys; from runner.cli import app_for; app_for({command!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"numpy", "pandas", "scipy", "matplotlib", "nbformat"}


@pytest.mark.parametrize("words", [["no-such-command"], ["config", "--no-such-option"]])
def test_a_word_that_is_none_is_refused_with_the_commands_name(words):
    done = subprocess.run([sys.executable, "-m", "runner.main", *words], capture_output=True, text=True)
    assert done.returncode == 2 and "Usage: ribbon" in done.stderr and "Traceback" not in done.stderr


def test_the_listing_says_of_every_command_what_the_whole_app_says():
    alike = [CliRunner().invoke(made, ["-h"], terminal_width=200).output for made in (app, listing())]
    assert sorted(alike[0].splitlines()) == sorted(alike[1].splitlines())
    places = [
        alike[1].index(text)
        for panel, commands in PANELS.items()
        for text in (f"─ {panel} ─", *(f"│ {name} " for name in commands))
    ]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["simulate", "--seed", "1", "--days", "x1"], "'x1'"),
        (["claude-cost", "--calls", "3", "--calls", "y2"], "'y2'"),
        (["experiment", "start", "--seed", ""], "''"),
        (["history", "--last", "0"], "'0'"),
        (["serve", "--port", "9" * 500], "'999999999999...9999999999999'"),
    ],
)
def test_a_value_that_is_refused_is_told_with_its_option(words, text):
    refused = CliRunner().invoke(app, words, terminal_width=200)
    assert refused.exit_code == 2 and f"Invalid value for '{words[-2]}': {text}: " in refused.output


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["cycle", "--as-of", ""], "--as-of"),
        # of a variable that is not set: it would be this folder
        (["status", "--trading-data="], "--trading-data"),
        (["lessons", "veto", "", "--why", "x"], "an argument"),
        (["lessons", "veto", "trades.all.x", "--why", ""], "--why"),
        (["lookahead", "--as-of=", "--notebooks"], "--as-of"),
    ],
)
def test_an_empty_value_is_refused_by_every_command(words, named):
    refused = CliRunner().invoke(app, words, terminal_width=200)
    assert refused.exit_code == 2
    told = " ".join(refused.output.replace("│", " ").split())
    assert f"Invalid value for '{named}': '': it is empty. Give a value, or leave it out" in told


@pytest.mark.parametrize("column", [["--column", "fees="], ["--column=fees="]])
def test_a_value_that_ends_with_an_equals_sign_is_not_empty(column, tmp_path):
    """It names the column that a table of trades lacks."""
    missing = ["import-trades", str(tmp_path / "none.csv"), *column, "--trading-data", str(tmp_path)]
    refused = CliRunner().invoke(app, missing, terminal_width=200)
    assert "none.csv: there is no such file" in str(refused.exception)


def test_help_shows_every_text_whole(monkeypatch):
    """A word in brackets or angles is text there, and no colour or tag that leaves it out."""
    monkeypatch.setenv("COLUMNS", "5000")
    for name, command in commands_of(typer.main.get_command(app)):
        shown = CliRunner().invoke(app, [*name, "--help"]).output
        for each in (command, *command.params):
            lines = [] if each.hidden else (getattr(each, "help", None) or "").replace("`", "").split("\n")
            assert all(line.strip() in shown for line in lines), (name, lines)


def commands_of(command, name=()):
    yield name, command
    for word, below in getattr(command, "commands", {}).items():
        yield from commands_of(below, (*name, word))


@pytest.mark.parametrize("words", [["-h"], ["--help"], ["--version"], []])
def test_the_list_of_commands_imports_none_of_them(words):
    code = (
        "import sys; from runner.main import main; from contextlib import suppress\n"
        f"sys.argv = ['ribbon', *{words}]\n"
        "with suppress(SystemExit): main()\n"
        "print(*[name for name in sys.modules if name.startswith('runner.cli.') or name in ('pandas', 'pydantic')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == ""


def completed(*words: str) -> list[str]:
    """What bash is given for the last of these words."""
    asked = {
        "_RIBBON_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-m", "runner.main"], env=os.environ | asked, capture_output=True, text=True
    )
    assert done.returncode == 0 and not done.stderr
    return done.stdout.split()


def test_commands_options_and_subcommands_are_completed():
    assert completed("ribbon", "st") == ["status", "study"]
    assert {"--trading-data", "--why", "--json"} <= set(completed("ribbon", "status", "--"))
    assert "rollback" in completed("ribbon", "lessons", "ro")


def test_names_that_stand_in_files_are_completed(tmp_path, monkeypatch):
    monkeypatch.setenv("RIBBON_TRADING_DATA", str(tmp_path))
    (tmp_path / "training_insights.json").write_text('{"lessons": [{"id": "trades.all.x"}]}')
    assert completed("ribbon", "lessons", "veto", "tr") == ["trades.all.x"]
    assert completed("ribbon", "trade", "--decider", "cl") == ["claude"]


def test_one_option_has_one_wording():
    """What a command adds of its own stands behind it; the words for a default are the same everywhere."""
    helps: dict[str, set[str]] = {}
    for name, option in options_of(typer.main.get_command(app)):
        assert "(default" not in (option.help or ""), name
        helps.setdefault(option.opts[-1], set()).add((option.help or "").partition(" [default")[0])
    several = {name for name, words in helps.items() if len(words) > 1}
    # Each of these means another thing in each command that has it.
    assert several == {"--all", "--as-of", "--dates", "--decider", "--decisions", "--dry-run", "--from", "--gaps"} | {
        "--notebooks", "--outputs", "--symbol", "--to", "--yes",
        "--candles", "--exchange", "--seed", "--since", "--until", "--why",
    }  # fmt: skip


def options_of(command, name=""):
    for each, below in getattr(command, "commands", {}).items():
        yield from options_of(below, f"{name} {each}")
    for option in [] if hasattr(command, "commands") else command.params:
        if option.param_type_name == "option":
            yield name, option


def test_zsh_is_given_the_whole_summary():
    asked = {"_RIBBON_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "ribbon sta"}
    done = subprocess.run(
        [sys.executable, "-m", "runner.main"], env=os.environ | asked, capture_output=True, text=True
    )
    assert f'"status":"{COMMANDS["status"].summary}"' in done.stdout and "cycle" not in done.stdout


def test_the_version_is_said():
    from importlib.metadata import version

    done = CliRunner().invoke(app, ["--version"])
    assert (done.exit_code, done.stdout) == (0, f"ribbon {version('ribbon-lab')}\n")


@pytest.mark.parametrize("words", [["status"], ["cycle", "--trading-data", "none"], ["ask", "--list"]])
@pytest.mark.parametrize(
    ("after_imports", "name"),
    [(5, "SIGINT"), (60, "SIGINT"), (250, "SIGINT"), (60, "SIGTERM"), (250, "SIGHUP")],
)
def test_a_signal_while_a_command_still_imports_is_told_and_no_traceback(
    words, after_imports, name, tmp_path
):
    """The signal comes at a numbered import, so at an instant that no clock has to hit."""
    code = f"""
import builtins, os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv = ["ribbon", *{words!r}]
from runner.main import main
count, own = 0, builtins.__import__
def counted(*given, **named):
    global count
    count += 1
    if count == {after_imports}:
        os.kill(os.getpid(), signal.{name})
    return own(*given, **named)
builtins.__import__ = counted
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
    )
    assert (done.returncode, done.stderr, done.stdout) == (130, "ribbon: interrupted\n", "")


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_termination_signal_in_a_command_ends_it_as_ctrl_c_does(name, tmp_path):
    code = f"""
import os, signal, sys
from runner import main as entry
def at_work():
    entry._may_be_interrupted()
    try:
        os.kill(os.getpid(), signal.{name})
    finally:
        print("tidied", flush=True)
entry._main = at_work
entry.main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr, done.stdout) == (130, "ribbon: interrupted\n", "tidied\n")


@pytest.mark.parametrize("command", ["replay", "cycle"])
def test_from_where_a_command_begins_its_work_it_tidies_after_a_signal(command):
    """One of a kept server's jobs (cycle), and one of this process."""
    code = f"""
import os, signal, sys
from runner import cli, main as entry
from runner.warm import foreground
def at_work(*_, **__):
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        print("tidied", flush=True)
cli.app_for = lambda _: at_work
foreground.run_forked = at_work
sys.argv = ["ribbon", {command!r}]
entry.main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr, done.stdout) == (130, "ribbon: interrupted\n", "tidied\n")


def test_a_signal_that_was_ignored_stays_ignored():
    code = """
import signal
from runner import main as entry
signal.signal(signal.SIGHUP, signal.SIG_IGN)
entry._main = lambda: print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)
entry.main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "True\n"


def test_ctrl_c_in_a_command_is_told_once(monkeypatch, capsys):
    from runner import main as entry

    def asked() -> None:
        raise KeyboardInterrupt

    def says_it_itself() -> None:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            entry_say("ribbon: interrupted; the same command asks again")
            raise typer.Exit(130) from None

    def way(command):
        made = typer.Typer()
        made.command()(command)
        return lambda: made([])

    for main, told in (
        (way(asked), "ribbon: interrupted"),
        (asked, "ribbon: interrupted"),
        (way(says_it_itself), "ribbon: interrupted; the same command asks again"),
    ):
        monkeypatch.setattr(entry, "_main", main)
        with pytest.raises(SystemExit) as ended:
            entry.main()
        assert ended.value.code == 130
        assert capsys.readouterr().err.strip() == told


def _limited(
    megabytes: int, words: list[str], cwd: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A command in so much address space."""
    code = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({megabytes} * 1_000_000,) * 2)
sys.argv = ["ribbon", *{words!r}]
from runner.main import main
main()
"""
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())} | environment,
    )


@pytest.mark.parametrize("words", [["status"], ["cycle"]])
def test_too_little_address_space_is_told_before_an_import_could_hang_in_it(words, tmp_path):
    done = _limited(280, words, tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("ribbon: the address space is limited to 280 MB here (ulimit -v), and ")
    assert done.stderr.endswith("Raise the limit\n") and "MB are needed" in done.stderr


def test_what_is_let_through_works(tmp_path):
    done = _limited(300, ["status", "--trading-data", str(tmp_path)], tmp_path, OPENBLAS_NUM_THREADS="1")
    assert (done.returncode, done.stderr) == (0, "") and "last cycle" in done.stdout


def test_more_threads_want_more_and_fewer_are_the_remedy(monkeypatch):
    from runner.errors import RunnerError
    from runner.processes import address_space

    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (320_000_000, resource.RLIM_INFINITY))
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    address_space.require_address_space()
    for asked in ("64", ""):  # no more than a core each
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", asked)
        monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
        with pytest.raises(RunnerError, match=r"320 MB .*492 MB are needed.*set OPENBLAS_NUM_THREADS=1"):
            address_space.require_address_space()


def test_memory_that_runs_out_is_told_and_no_traceback(monkeypatch, capsys):
    from runner import cli
    from runner import main as entry

    def without_memory(**_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(cli, "app_for", lambda _: without_memory)
    monkeypatch.setattr(sys, "argv", ["ribbon", "status"])
    with pytest.raises(SystemExit) as ended:
        entry._run()
    assert ended.value.code == 1 and "gives no more memory" in capsys.readouterr().err


def test_a_package_that_is_not_installed_is_told_with_what_installs_it(tmp_path):
    """As after an update of the code alone; whether it is missing at the start or in the middle of a command."""
    for package, words in (("pandas", ["status"]), ("ccxt", ["backfill", "--exchange", "binance"])):
        (tmp_path / f"{package}.py").write_text(f"raise ModuleNotFoundError('no', name='{package}.part')\n")
        options = ["--symbol", "ETH/USDT", "--since", "2025-01-01"] if package == "ccxt" else []
        done = subprocess.run(
            [
                *(sys.executable, "-c", "from runner.main import main; main()"),
                *words,
                *options,
                "--trading-data",
                str(tmp_path / "data"),
            ],
            capture_output=True,
            text=True,
            timeout=60,
            env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}"},
        )
        told = f"ribbon: the package {package} is not installed, and this version needs it. Run `make setup`"
        assert (done.returncode, done.stderr.splitlines()[-1:]) == (1, [told]), done.stderr
        assert "Traceback" not in done.stderr
        (tmp_path / f"{package}.py").unlink()


def test_a_module_of_ours_that_is_not_there_is_no_package_to_install(monkeypatch):
    monkeypatch.setattr("runner.main._main", Mock(side_effect=ModuleNotFoundError("no", name="runner.gone")))
    with pytest.raises(ModuleNotFoundError):
        entry.main()
