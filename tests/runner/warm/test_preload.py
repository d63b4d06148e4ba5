from __future__ import annotations

import ast
import importlib.util
import json
import os
import subprocess
import sys

import pytest

from lib import paths
from runner.cycle.plan import NOTEBOOKS
from runner.warm import server
from runner.warm.client import ForkedProcess, server_environment
from runner.warm.preload import (
    COMMAND_MODULES,
    MODULES,
    ONE_USER,
    OUR_COMMAND_MODULES,
    OUR_MODULES,
    OURS,
    preload,
)


def test_a_module_that_fails_is_told_and_the_others_are_there(tmp_path, monkeypatch):
    (tmp_path / "broken_module.py").write_text("1 / 0")
    (tmp_path / "fine_module.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    assert preload(["broken_module", "missing_module", "fine_module"]) == {
        "broken_module": "ZeroDivisionError: division by zero",
        "missing_module": "ModuleNotFoundError: No module named 'missing_module'",
    }
    assert "fine_module" in sys.modules


@pytest.mark.slow
def test_preloading_starts_no_thread_and_chooses_no_backend():
    code = """from runner.warm.preload import preload
from runner.warm.server import _modules, threads
import sys
failed = preload(_modules(kept=True, once=False))
import matplotlib.pyplot as plt
print(failed, threads(), "matplotlib_inline.backend_inline" in sys.modules, plt.get_fignums())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=server_environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "{} 1 False []\n"


#: What a fork imports itself: the inline backend, which needs the shell, and what a started kernel loads by path or on demand.
LATER = {
    "matplotlib_inline",
    "matplotlib_inline.config",
    "matplotlib_inline.backend_inline",
    "zmq.utils.garbage",
    "encodings.unicode_escape",
    "IPython.core.payloadpage",
}
LIST = """import json, sys
with open({target!r}, "w") as file:
    json.dump(sorted(sys.modules), file)
"""


@pytest.mark.slow
@pytest.mark.serial
def test_no_slow_module_is_left_to_the_notebooks(warm_socket, sample_data, tmp_path, monkeypatch):
    """All modules of the six notebooks, after they ran, are ours or were there before: an import that is missing in MODULES is seen."""
    from jupyter_client.manager import start_new_kernel

    (tmp_path / "list_modules.py").write_text(LIST.format(target=str(tmp_path / "before.json")))
    environment = {"PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"]}
    assert ForkedProcess(warm_socket, "list_modules", env=environment).wait(30) == 0
    monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", "ribbon-warm")
    monkeypatch.setenv("RIBBON_WARM_SOCKET", str(warm_socket))
    monkeypatch.delenv("MPLBACKEND")
    mine = {"RIBBON_TRADING_DATA": str(sample_data), "PYTHONPATH": str(paths.repository_root())}
    manager, client = start_new_kernel(env=os.environ | mine)
    try:
        for notebook in sorted(paths.notebooks().glob("0*.ipynb")):
            for cell in json.loads(notebook.read_text())["cells"]:
                if cell["cell_type"] == "code":
                    reply = client.execute_interactive(
                        "".join(cell["source"]), output_hook=lambda message: None, timeout=120
                    )
                    assert reply["content"]["status"] == "ok", reply["content"]
        client.execute_interactive(LIST.format(target=str(tmp_path / "after.json")), timeout=60)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    before, after = (set(json.loads((tmp_path / f"{name}.json").read_text())) for name in ("before", "after"))
    assert "papermill" in before & after, "the kernel was started plain: the server was too busy to fork it"
    assert "lib.analysis.vectorbt_book" in after and len(before) > 2000
    roots = {name: name.partition(".")[0] for name in after - before}
    later = {name for name, root in roots.items() if root not in OURS and root not in sys.stdlib_module_names}
    assert later - LATER == set()


def test_every_module_named_is_there():
    every = (*MODULES, *COMMAND_MODULES, *OUR_MODULES, *OUR_COMMAND_MODULES)
    missing = [name for name in every if importlib.util.find_spec(name.partition(".")[0]) is None]
    assert missing == [] and len(set(every)) == len(every)


def test_what_a_server_for_one_cycle_leaves_out_is_what_others_have():
    assert set(ONE_USER) < set(MODULES)
    assert server._modules(kept=False, once=True) == (
        *(n for n in MODULES if n not in ONE_USER),
        *OUR_MODULES,
    )
    assert server._modules(kept=False, once=False) == MODULES
    kept = (*MODULES, *COMMAND_MODULES, *OUR_MODULES, *OUR_COMMAND_MODULES)
    assert server._modules(kept=True, once=False) == kept


@pytest.mark.slow
def test_a_kept_server_has_what_the_cycle_command_imports(sample_data, tmp_path):
    """All modules after a cycle that found nothing in its window are its own, but what a fork runs, or imports where it must."""
    code = f"""from runner.warm.preload import preload
from runner.warm.server import _modules
import json, sys
preload(_modules(kept=True, once=False))
before = set(sys.modules)
from runner import main
sys.argv[1:] = ["cycle", "--trading-data", {str(sample_data)!r}, "--outputs", {str(tmp_path / "outputs")!r}]
sys.argv += ["--as-of", "2001-01-01T00:00:00Z"]
try:
    main._run()
except SystemExit as ended:
    print(json.dumps([ended.code, sorted(set(sys.modules) - before)]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=server_environment(), capture_output=True, text=True, check=True
    )
    code, more = json.loads(done.stdout)
    assert code == 4, done.stderr
    roots = {name: name.partition(".")[0] for name in more}
    known = {*sys.stdlib_module_names, "rich", "typer"}  # of these, small private ones
    assert [name for name, root in roots.items() if root not in known] == ["runner.main"]


def test_a_server_for_one_cycle_has_what_its_notebooks_import():
    """And imports nothing else that is slow or that needs a notebook's shell."""
    wanted = {
        name
        for notebook in NOTEBOOKS
        for name in imported(paths.notebooks() / f"{notebook.name}.ipynb")
        if name.startswith("lib.")
    }
    code = """from runner.warm.preload import MODULES, ONE_USER, OUR_MODULES, preload
import json, sys
failed = preload([name for name in MODULES if name not in ONE_USER])
before = set(sys.modules)
failed |= preload(OUR_MODULES)
print(json.dumps([failed, sorted(set(sys.modules) - before), sorted(sys.modules)]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=server_environment(), capture_output=True, text=True, check=True
    )
    failed, more, every = json.loads(done.stdout)
    assert failed == {} and len(wanted) > 20 and wanted - set(every) == set()
    assert {name.partition(".")[0] for name in more} - {"lib", "runner"} <= sys.stdlib_module_names


def imported(notebook):
    """The modules that a notebook's cells import."""
    cells = (cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == "code")
    for cell in cells:
        for found in ast.walk(ast.parse("".join(cell["source"]))):
            if isinstance(found, ast.ImportFrom) and found.module:
                package = importlib.util.find_spec(found.module).submodule_search_locations is not None
                yield from (
                    f"{found.module}.{name.name}" if package else found.module for name in found.names
                )
