"""Where libraries keep what they keep in a person's home, for a user who has none to write to: a container's, a service's.

numba refuses to run where it can cache nowhere, and Jupyter ends with a traceback where nothing says which folder the home is. Only their
own variables are set, as `~` in a setting must go on to mean the home of the person.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Variable → folder in ours. These hold nothing that a person made.
_CACHES = {"NUMBA_CACHE_DIR": "numba", "MPLCONFIGDIR": "matplotlib"}
#: These do, so they are set only where there is no home at all.
_SETTINGS = {
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "IPYTHONDIR": "ipython",
}


def lacking(home: str) -> dict[str, str]:
    """Variable → name of a folder, of what can stand nowhere with `home` (an absolute path, or "~" for none)."""
    if not Path(home).is_absolute():
        return _CACHES | _SETTINGS
    there = next(place for place in (Path(home), *Path(home).parents) if place.exists())
    return {} if there.is_dir() and os.access(there, os.W_OK | os.X_OK) else _CACHES


def home_takes_nothing() -> bool:
    """Whether libraries can keep nothing in this user's home."""
    return bool(lacking(_home()))


def _home() -> str:
    return os.path.expanduser("~")  # noqa: PTH111 - Path raises where there is none


@contextmanager
def home_of_libraries() -> Iterator[None]:
    """In it, this process and all that it starts have folders for what libraries keep; one of ours goes at the end."""
    needed = {name: inside for name, inside in lacking(_home()).items() if not os.environ.get(name)}
    if not needed:
        yield
        return
    from runner.processes.scratch import private_folder, remove_folder

    folder = private_folder()
    for name, inside in needed.items():
        (folder / inside).mkdir()
        os.environ[name] = str(folder / inside)
    try:
        yield
    finally:
        for name in needed:
            os.environ.pop(name, None)
        remove_folder(folder)
