"""What a notebook that somebody opened in Jupyter works on while nothing was collected yet: the demo, and it says so.

Nothing else falls back, as nobody would see it: no command, and no notebook that papermill, nbval or a cycle runs.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

DEMO = "demo"
#: A Jupyter server tells a kernel by it which notebook it is for; whoever runs notebooks without one does not.
_SESSION_VARIABLE = "JPY_SESSION_NAME"
#: The cell that said so first, and its number then.
_said: list[tuple[str, int]] = []


def folder_of(folder: Path) -> Path:
    """The folder, or the demo in it where this is a notebook that somebody opened, the folder is empty and the demo is not."""
    demo = folder / DEMO
    if not is_opened() or holds_rows(folder) or not holds_rows(demo):
        return folder
    _say(
        f"`{folder.name}` is empty, so this notebook shows the **demo**: `{folder.name}/{DEMO}`, a synthetic market."
    )
    return demo


def is_opened() -> bool:
    """Whether this process is the kernel of a notebook that is open in Jupyter."""
    application = sys.modules.get("ipykernel.kernelapp")
    is_kernel = application is not None and application.IPKernelApp.initialized()
    return is_kernel and _SESSION_VARIABLE in os.environ


def holds_rows(folder: Path) -> bool:
    """Whether any CSV file of a folder has a line below its header."""
    return any(_has_two_lines(path) for path in folder.glob("*.csv"))


def _has_two_lines(path: Path) -> bool:
    if not path.is_file():  # a pipe would be waited for
        return False
    with path.open("rb") as file:
        return bool(file.readline()) and bool(file.readline().strip())


def _say(text: str) -> None:
    """Show the text in the first cell that asks, and in that cell again whenever it is run again."""
    from IPython import get_ipython
    from IPython.display import Markdown, display

    shell = get_ipython()
    cell = (str(shell.user_ns.get("In", [""])[-1]), int(shell.execution_count))
    if _said and (cell[0] != _said[0][0] or cell[1] == _said[0][1]):
        return
    _said[:] = [cell]
    display(Markdown(text))
