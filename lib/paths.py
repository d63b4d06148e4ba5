"""Where things are: one place, because papermill, nbval and JupyterLab start kernels in different folders."""

from __future__ import annotations

import os
from pathlib import Path

from lib import opened
from lib.errors import ParameterError

_TRADING_DATA_VARIABLE = "RIBBON_TRADING_DATA"
_OUTPUTS_VARIABLE = "RIBBON_OUTPUTS"


def repository_root() -> Path:
    """The folder that holds `notebooks/` and this package; raises ParameterError when installed without
    it.
    """
    root = Path(__file__).resolve().parent.parent
    if not (root / "notebooks").is_dir():
        raise ParameterError(
            f"no notebooks folder beside {root / 'lib'}: install the project from its checkout (make setup), "
            "not from a copied package"
        )
    return root


def notebooks() -> Path:
    """The folder of the notebooks."""
    return repository_root() / "notebooks"


def trading_data(folder: str | Path | None = None) -> Path:
    """The folder of collected data: the argument, else RIBBON_TRADING_DATA, else the repository's own.

    While the repository's own is empty, a notebook that is open in Jupyter gets the demo in it instead, and says so (lib.opened).
    """
    chosen = _choose(folder, _TRADING_DATA_VARIABLE, "trading_data")
    if folder or os.environ.get(_TRADING_DATA_VARIABLE):
        return chosen
    return opened.folder_of(chosen)


def outputs(folder: str | Path | None = None) -> Path:
    """The folder of executed cycles: the argument, else RIBBON_OUTPUTS, else the repository's own."""
    return _choose(folder, _OUTPUTS_VARIABLE, "outputs")


def _choose(folder: str | Path | None, variable: str, name: str) -> Path:
    chosen = folder or os.environ.get(variable) or repository_root() / name
    try:
        return Path(chosen).expanduser().resolve()
    except (
        RuntimeError,
        FileNotFoundError,
    ) as error:  # a circle of links, a ~ of nobody, or from a folder that was deleted
        raise ParameterError(f"{chosen} leads nowhere ({error}): name another folder, in full") from None
