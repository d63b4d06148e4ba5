"""The table of docs/guarantees.md, S4: what each program gets, and that nobody gets what stands nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from lib.paths import repository_root
from runner.config import PLAIN_NAMES, SECTIONS
from runner.processes.environment import (
    PROGRAMS,
    RUN_VARIABLE,
    THREAD_POOLS,
    environment_of,
    notebook_environment,
    pinned_environment,
)

ONLINE = {"trade", "cycle", "collect", "browser"}
#: Variable → the programs that get it.
GOES_TO = {
    "ANTHROPIC_API_KEY": {"trade"},
    "RIBBON_CLAUDE__API_KEY": {"trade"},
    "RIBBON_EXCHANGE_KEY": {"trade"},
    "RIBBON_EXCHANGE_SECRET": {"trade"},
    "RIBBON_LIVE_ACCOUNT": {"trade"},
    "RIBBON_NOTIFY__URLS": {"trade", "cycle"},
    "HTTPS_PROXY": ONLINE,
    "https_proxy": ONLINE,
    "SSL_CERT_FILE": ONLINE,
    "JUPYTER_TOKEN": {"lab"},
    "DISPLAY": {"lab", "browser", "collect"},
    "RIBBON_CYCLE__MEMORY_MB": {"cycle"},
    "RIBBON_SERVE__PORT": {"serve"},
    "RIBBON_CLAUDE__DAILY_CAP_USD": {"trade", "serve"},
    "PATH": set(PROGRAMS),
    "LC_ALL": set(PROGRAMS),
    "RIBBON_TRADING_DATA": set(PROGRAMS),
    # What no list of words would have caught, and what nobody here needs.
    "DATABASE_URL": set(),
    "SLACK_WEBHOOK": set(),
    "PGPASS": set(),
    "AWS_SECRET_ACCESS_KEY": set(),
    "JPY_API_TOKEN": set(),
    "LD_PRELOAD": set(),
}


@pytest.mark.parametrize("name", GOES_TO)
def test_each_program_gets_its_secrets_and_nobody_elses(name):
    assert {program for program in PROGRAMS if environment_of(program, {name: "canary"})} == GOES_TO[name]


def test_no_secret_of_the_configuration_reaches_what_shows_pages_or_runs_notebooks():
    secret = [(section, key) for section, place in SECTIONS.items() for key in secret_fields(place)]
    names = [f"RIBBON_{section}__{key}".upper() for section, key in secret] + list(PLAIN_NAMES.values())
    assert len(names) > 2
    for program in ("kernel", "warm", "lab", "browser", "collect", "serve"):
        assert environment_of(program, dict.fromkeys(names, "canary")) == {}


def secret_fields(place: str) -> list[str]:
    module, _, name = place.partition(":")
    fields = getattr(import_module(module), name).model_fields
    return [key for key, field in fields.items() if "SecretStr" in str(field.annotation)]


def test_thread_pools_are_pinned_whatever_the_shell_says():
    made = notebook_environment(Path("/tmp/x"), "r", {"OMP_NUM_THREADS": "8", "PATH": "/bin"})
    assert {made[name] for name in THREAD_POOLS} == {"1"}
    assert made["PATH"] == "/bin"


def test_secrets_stay_out():
    base = {name: "canary" for name, programs in GOES_TO.items() if "kernel" not in programs}
    assert "canary" not in notebook_environment(Path("/tmp/x"), "r", base).values()


def test_figures_are_inline_sockets_private_and_the_run_is_marked():
    made = notebook_environment(Path("/tmp/x"), "run7", {"MPLBACKEND": "TkAgg"})
    assert made["MPLBACKEND"] == "module://matplotlib_inline.backend_inline"
    assert made["JUPYTER_RUNTIME_DIR"] == made["TMPDIR"] == "/tmp/x"
    assert made[RUN_VARIABLE] == "run7"


def test_figures_are_drawn_by_no_style_of_a_person(tmp_path):
    """`text.usetex` in a matplotlibrc failed every notebook of a cycle, and other sizes made other figures of the same data."""
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nsavefig.dpi: 300\n")
    given = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "MPLCONFIGDIR": str(tmp_path)}
    code = "import matplotlib as m; print(m.rcParams['text.usetex'], m.rcParams['savefig.dpi'])"
    for made in (notebook_environment(tmp_path, "r", given), pinned_environment("warm", given)):
        shown = subprocess.run(
            [sys.executable, "-c", code], env=made, capture_output=True, text=True, check=True
        )
        assert shown.stdout.split() == ["False", "figure"]


@pytest.mark.parametrize("name", ["PYTHONOPTIMIZE", "PYTHONINSPECT", "PYTHONSTARTUP"])
def test_nothing_has_python_run_a_notebook_otherwise(name):
    assert name not in notebook_environment(Path("/tmp/x"), "r", {name: "2"})


def test_the_kernel_imports_the_code_of_this_checkout():
    made = notebook_environment(Path("/tmp/x"), "r", {"PYTHONPATH": "/elsewhere"})
    assert made["PYTHONPATH"].split(":") == [str(repository_root()), "/elsewhere"]
