from __future__ import annotations

from pathlib import Path

from lib.paths import repository_root
from runner.processes.environment import RUN_VARIABLE, THREAD_POOLS, notebook_environment


def test_thread_pools_are_pinned_whatever_the_shell_says():
    made = notebook_environment(Path("/tmp/x"), "r", {"OMP_NUM_THREADS": "8", "PATH": "/bin"})
    assert {made[name] for name in THREAD_POOLS} == {"1"}
    assert made["PATH"] == "/bin"


def test_secrets_stay_out():
    base = {
        "ANTHROPIC_API_KEY": "canary",
        "aws_secret_access": "canary",
        "GITHUB_TOKEN": "canary",
        "DB_PASSWORD": "canary",
    }
    assert "canary" not in notebook_environment(Path("/tmp/x"), "r", base).values()


def test_figures_are_inline_sockets_private_and_the_run_is_marked():
    made = notebook_environment(Path("/tmp/x"), "run7", {"MPLBACKEND": "TkAgg"})
    assert made["MPLBACKEND"] == "module://matplotlib_inline.backend_inline"
    assert made["JUPYTER_RUNTIME_DIR"] == made["TMPDIR"] == "/tmp/x"
    assert made[RUN_VARIABLE] == "run7"


def test_the_kernel_imports_the_code_of_this_checkout():
    made = notebook_environment(Path("/tmp/x"), "r", {"PYTHONPATH": "/elsewhere"})
    assert made["PYTHONPATH"].split(":") == [str(repository_root()), "/elsewhere"]
