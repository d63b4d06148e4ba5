"""The environment of a notebook's processes: one thread each, inline figures, private sockets, no secrets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from lib.paths import repository_root

#: Marks each process of a notebook's run, so that one that left the process tree can still be found.
RUN_VARIABLE = "RIBBON_NOTEBOOK_RUN"
#: Several kernels on two cores were 800 times slower with unpinned pools (matrix libraries spin while they wait).
THREAD_POOLS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
#: No notebook of the cycle calls anybody, so none is handed what could open a door (and print it into a report).
SECRET_WORDS = ("KEY", "SECRET", "TOKEN", "PASSWORD", "PASSWD", "CREDENTIAL")


def notebook_environment(sockets: Path, run: str, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment variables of one notebook's processes.

    `sockets` is a private folder with a short path for kernel files and sockets; `run` the mark of this run; `base` defaults to
    this process's environment, of which everything named like a secret is left out.
    """
    environment = quiet_environment(base)
    importable = [str(repository_root()), environment.get("PYTHONPATH", "")]
    environment |= {
        RUN_VARIABLE: run,
        "JUPYTER_RUNTIME_DIR": str(sockets),
        # What libraries leave in the temporary folder goes with the run, however it ends.
        "TMPDIR": str(sockets),
        # No history database shared by kernels, no start-up files of a person.
        "IPYTHONDIR": str(sockets / "ipython"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONPATH": os.pathsep.join(path for path in importable if path),
        "PYTHONUNBUFFERED": "1",
    }
    return environment


def quiet_environment(base: Mapping[str, str] | None = None) -> dict[str, str]:
    """`base` (default: this process's environment) without what is named like a secret, and one thread a library."""
    kept = {
        name: value
        for name, value in (os.environ if base is None else base).items()
        if not any(word in name.upper() for word in SECRET_WORDS)
    }
    return kept | dict.fromkeys(THREAD_POOLS, "1")
