"""How a module of this program, or of a library, is run by this interpreter in a process of its own."""

from __future__ import annotations

import sys


def module_command(module: str, *arguments: str) -> list[str]:
    """The command that runs `module`; nothing of the folder that it is run in is imported, whatever lies there (a csv.py, a lib/)."""
    return [sys.executable, "-P", "-m", module, *arguments]
