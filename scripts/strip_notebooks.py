"""Strip notebooks before they are kept: python -m scripts.strip_notebooks [--check] FILE...

nbstripout does the work. What it alone would lose: nbval compares an output only if its cell has an execution count, and only the
cells marked `# NBVAL_CHECK_OUTPUT` have outputs worth keeping. Those are marked keep_output here and counted in a fixed way.
"""

from __future__ import annotations

import copy
import sys
from pathlib import Path

import nbformat
from nbstripout import strip_output

MARK = "# NBVAL_CHECK_OUTPUT"
MACHINE_KEYS = ["metadata.signature", "metadata.widgets", "metadata.papermill"]
RUN_KEYS = [
    "cell.metadata.execution",
    "cell.metadata.papermill",
    "cell.metadata.collapsed",
    "cell.metadata.scrolled",
]


def stripped(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A copy without outputs, counts and traces of the run, except what nbval compares."""
    clean = copy.deepcopy(notebook)
    if "language_info" in clean.metadata:
        # Its other keys name the Python that ran it.
        clean.metadata["language_info"] = {"name": clean.metadata.language_info.get("name", "python")}
    compared = [cell for cell in clean.cells if cell.cell_type == "code" and MARK in cell.source]
    for cell in compared:
        if not cell.metadata.get("keep_output") and "keep_output" not in cell.metadata.get("tags", []):
            cell.metadata["keep_output"] = True
    strip_output(clean, keep_output=False, keep_count=False, keep_id=True, extra_keys=MACHINE_KEYS + RUN_KEYS)
    for number, cell in enumerate(compared, start=1):
        cell.execution_count = number if cell.outputs else None
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = number
    return clean


def main(*arguments: str) -> int:
    """Strip the files in place; with --check only name those that are not stripped, and return 1 if there is one."""
    check = "--check" in arguments
    unclean = 0
    for path in (Path(argument) for argument in arguments if argument != "--check"):
        notebook = nbformat.read(path, as_version=4)
        clean = stripped(notebook)
        if clean != notebook:
            unclean = int(check)
            print(f"{path}: {'not stripped, run `make format`' if check else 'stripped'}", file=sys.stderr)
            if not check:
                nbformat.write(clean, path)
    return unclean


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
