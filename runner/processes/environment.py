"""Which program gets which variables of the environment: an allow-list, so that nothing reaches a program that has no need of it.

A notebook may print its environment into a report, and a browser runs what a page sends. So keys, notification addresses and proxies (an
address of one may carry a password) are named here once, beside the programs that use them; a variable that stands nowhere here is handed
to nobody (docs/guarantees.md, S4).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from fnmatch import fnmatchcase
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
#: A person's matplotlibrc is for figures of their own: with `text.usetex` each of ours fails, with other sizes it is another figure.
PLAIN_FIGURES = {"MATPLOTLIBRC": os.devnull}
# Names, and patterns of them.
_PERSON = ("HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "LC_*", "TZ")
_MACHINE = (
    "PATH",
    "LD_LIBRARY_PATH",
    "DYLD_*",
    "TMPDIR",
    "TMP",
    "TEMP",
    "XDG_*",
    "CONDA_PREFIX",
    "VIRTUAL_ENV",
)
_FOLDERS = ("RIBBON_TRADING_DATA", "RIBBON_OUTPUTS")
_TERMINAL = ("TERM", "COLORTERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR")
# None that has Python run code otherwise (PYTHONOPTIMIZE takes docstrings that vectorbt needs), or run more than it was given.
_PYTHON = (
    *("PYTHONPATH", "PYTHONHASHSEED", "PYTHONUTF8", "PYTHONIOENCODING", "PYTHONUNBUFFERED", "PYTHONWARNINGS"),
    *(
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONPYCACHEPREFIX",
        "PYTHONNOUSERSITE",
        "PYTHONFAULTHANDLER",
        "PYTHONSAFEPATH",
    ),
    *("NUMBA_*", "MPL*", *THREAD_POOLS),
)
_OURS = (
    "RIBBON_CONFIG",
    "RIBBON_TRADING_DATA",
    "RIBBON_OUTPUTS",
    "RIBBON_TIMEZONE",
    "RIBBON_TERMS__*",
    "RIBBON_WARM",
    "RIBBON_WARM_*",
    RUN_VARIABLE,
)
_BASE = (*_PERSON, *_MACHINE, *_TERMINAL, *_PYTHON, *_OURS)
_JUPYTER = (
    "JUPYTER_*_DIR",
    "JUPYTER_*PATH",
    "JUPYTER_PLATFORM_DIRS",
    "JUPYTER_DEFAULT_PROVISIONER_NAME",
    "JPY_PARENT_PID",
    "JPY_SESSION_NAME",
    "IPYTHONDIR",
    "PYDEVD_*",
)
#: What says how the network is reached: proxies and certificates.
NETWORK = (
    *(name for word in ("http", "https", "all", "no") for name in (f"{word}_proxy", f"{word.upper()}_PROXY")),
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
)
_SCREEN = ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS")
_NOTIFY = ("RIBBON_NOTIFY__*",)
#: Program → what it gets.
PROGRAMS: dict[str, tuple[str, ...]] = {
    "kernel": (*_BASE, *_JUPYTER),
    "warm": (*_BASE, *_JUPYTER),
    "lab": (*_BASE, *_JUPYTER, *_SCREEN, "JUPYTER_TOKEN", "BROWSER"),
    "browser": (*_BASE, *NETWORK, *_SCREEN),
    "collect": (*_BASE, *NETWORK, *_SCREEN, "RIBBON_COLLECT__*", "RIBBON_CHROME", "SE_*"),
    "trade": (
        *(*_BASE, *NETWORK, *_NOTIFY, "RIBBON_TRADE__*", "RIBBON_CLAUDE__*", "ANTHROPIC_API_KEY"),
        *("RIBBON_EXCHANGE_KEY", "RIBBON_EXCHANGE_SECRET", "RIBBON_EXCHANGE__*", "RIBBON_LIVE_ACCOUNT"),
    ),
    "cycle": (*_BASE, *_JUPYTER, *NETWORK, *_NOTIFY, "RIBBON_CYCLE__*"),
    # The page says what the limits are; the keys that stand beside them are none of its business.
    "serve": (
        *(*_BASE, "RIBBON_SERVE__*", "RIBBON_TRADE__*"),
        *("RIBBON_CLAUDE__DAILY_CAP_USD", "RIBBON_CLAUDE__MAX_CALLS_PER_DAY"),
    ),
}


def environment_of(program: str, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """What `program` gets of `base` (default: this process's environment); KeyError for one that is not in PROGRAMS."""
    allowed = PROGRAMS[program]
    given = os.environ if base is None else base
    return {
        name: value for name, value in given.items() if any(fnmatchcase(name, pattern) for pattern in allowed)
    }


def pinned_environment(program: str, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """`environment_of` for a program that runs beside others of its kind: one thread a library, and figures that look like theirs."""
    return environment_of(program, base) | dict.fromkeys(THREAD_POOLS, "1") | PLAIN_FIGURES


def notebook_environment(sockets: Path, run: str, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment variables of one notebook's processes.

    `sockets` is a private folder with a short path for kernel files and sockets; `run` the mark of this run; `base` defaults to
    this process's environment.
    """
    environment = pinned_environment("kernel", base)
    for name in _FOLDERS:  # meant from here, and a notebook runs in its own folder
        if (folder := environment.get(name, "")) and not folder.startswith("~"):
            environment[name] = str(Path(folder).absolute())
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
