"""The executed copy of a notebook: what it tells of its run, the stamp that says how it ended, and its signature.

After a time-out or a dead kernel papermill leaves every cell `completed`, which looks like a success. So each copy is read again, and what
did not succeed is stamped: `metadata.ribbon.status`, papermill's own marks, and a first cell that a reader cannot miss.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import closing
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from lib.data.atomic import replace_text
from lib.errors import file_remedy
from runner.processes.home import home_takes_nothing

#: Papermill removes cells with this tag when it runs a notebook again.
FAILURE_TAG = "papermill-error-cell-tag"
_OF_A_CELL = {"cell_type", "metadata", "source"}
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
#: Of an error that did not arrive, and that no cell shows: JSON takes no text with half a character in it.
UNTOLD = (
    "The error did not arrive: its text, or what was shown, is likely to hold half a character (a lone surrogate). "
    "Print such text by `ascii(text)`, or decode bytes with errors='replace'"
)
_PRINTED = re.compile(r"^Traceback \(most recent call last\):\n(?: .*\n)*(\S.*)$", re.MULTILINE)
#: How Python begins what the system said of a file.
_REFUSED = re.compile(r"^\w+: \[Errno (\d+)\] ")


def read_executed(output: Path, source: Path, at_most: int) -> NotebookNode:
    """The executed copy, or, where there is none, it is torn or has more than `at_most` bytes, the source without outputs."""
    for path in (output, source):
        try:
            if not path.is_file() or (path == output and path.stat().st_size > at_most):
                continue
            notebook = nbformat.read(path, as_version=4)
            whole = all(set(cell) >= _OF_A_CELL for cell in notebook.cells)
        except Exception:  # what is no notebook may fail anywhere in the library
            continue
        if not whole:
            continue
        if path == source:
            for cell in notebook.cells:
                if cell.cell_type == "code":
                    cell.outputs, cell.execution_count = [], None
        return notebook
    return nbformat.v4.new_notebook()


def error_in(notebook: NotebookNode) -> str:
    """Why this copy is no success, "" if it is one: a cell shows an error, or was never executed.

    The second catches `sys.exit(0)`, which ends a run without any error in papermill's eyes.
    """
    for number, cell in _code_cells(notebook):
        if "raises-exception" in cell.metadata.get("tags", []):
            continue
        for output in cell.outputs:
            if output.output_type == "error":
                return f"{output.ename}: {_ANSI.sub('', str(output.evalue))} (cell {number})"
        if cell.execution_count is None and cell.source.strip():
            return f"cell {number} was never executed"
    return ""


def mark_started(notebook: NotebookNode, place: int | None) -> NotebookNode:
    """Mark the cell at `place` as started, where a kill came before the copy could tell so."""
    if place is not None and place < len(notebook.cells):
        marks = notebook.cells[place].metadata.setdefault("papermill", {})
        if not marks.get("start_time"):
            marks |= {
                "start_time": notebook.metadata.get("papermill", {}).get("start_time"),
                "status": "running",
            }
    return notebook


def printed_error(notebook: NotebookNode) -> str:
    """The first error that the cell printed at which the run ended, "" without one: what a kernel cannot show as an error it prints."""
    started = _started(notebook)
    outputs = started[-1][1].outputs if started else []
    printed = ["".join(output.text) for output in outputs if output.get("name") == "stderr"]
    found = _PRINTED.search(_ANSI.sub("", "".join(printed)))
    return found[1] if found else ""


def running_cell(notebook: NotebookNode) -> str:
    """Words for the cell that was at work when the run ended: its number and its first line; "" if none had started."""
    started = _started(notebook)
    if not started:
        return ""
    number, cell = started[-1]
    lines = [
        line.strip()
        for line in cell.source.splitlines()
        if line.strip() and not line.lstrip().startswith("#")
    ]
    return f"cell {number}" + (f" (`{lines[0][:80]}`)" if lines else "")


def remedy_in(error: str) -> str:
    """What to do where the system refused a notebook a file, behind its error; "" where it did not, or nothing is known."""
    found = _REFUSED.search(error)
    fix = file_remedy(OSError(int(found[1]), "")) if found else ""
    return f". {fix}" if fix else ""


def cut_outputs(notebook: NotebookNode, kept: int) -> None:
    """Leave the first `kept` characters of what the cells show, in place; of a picture or a table that does not fit nothing."""
    for _, cell in _code_cells(notebook):
        outputs, cell.outputs = cell.outputs, []
        for output in outputs:
            if output.output_type == "stream":
                output.text = "".join(output.text)[:kept]
            size = len(output.text) if output.output_type == "stream" else len(json.dumps(output))
            if 0 < size <= kept:
                cell.outputs.append(output)
            kept = max(0, kept - size)


def traceback_in(notebook: NotebookNode) -> str:
    """The traceback that a cell shows, without terminal colours; "" if there is none."""
    for _, cell in _code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "error":
                return _ANSI.sub("", "\n".join(output.traceback))
    return ""


def stamp(notebook: NotebookNode, status: str, error: str = "", traceback: str = "") -> NotebookNode:
    """Mark how the run ended, in place: status `ok`, or `failed` / `interrupted` with the reason as a first cell."""
    notebook.cells = [cell for cell in notebook.cells if FAILURE_TAG not in cell.metadata.get("tags", [])]
    notebook.metadata["ribbon"] = {"status": status, "error": error}
    papermill = notebook.metadata.setdefault("papermill", {})
    papermill["exception"] = None if status == "ok" else True
    if status == "ok":
        return notebook
    last_started = None
    for cell in notebook.cells:
        marks = cell.metadata.setdefault("papermill", {})
        executed = cell.cell_type != "code" or cell.get("execution_count") is not None
        if marks.get("start_time"):
            last_started = marks
        elif not executed or cell.cell_type != "code":
            marks["status"] = "pending"
    if last_started is not None:
        last_started |= {"status": "failed", "exception": True}
    reason = nbformat.v4.new_markdown_cell(_failure_text(status, error, traceback))
    reason.metadata["tags"] = [FAILURE_TAG]
    notebook.cells.insert(0, reason)
    return notebook


def write_executed(notebook: NotebookNode, output: Path) -> None:
    """Replace the file in one step; a reader sees the old or the new copy."""
    output.parent.mkdir(parents=True, exist_ok=True)
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        notebook = nbformat.v4.upgrade(notebook)
    replace_text(output, nbformat.writes(notebook) + "\n")


def sign(output: Path, notebook: NotebookNode | None = None) -> str:
    """Sign the file as it is (`notebook`: what was read of it), so that JupyterLab shows its tables.

    Returns a warning instead of failing when it cannot. Where no JupyterLab of this user could keep anything (a container's, a service's)
    nobody lacks a signature, and none is made.
    """
    from nbformat.sign import NotebookNotary

    if not os.environ.get("JUPYTER_DATA_DIR") and home_takes_nothing():
        return ""
    try:
        with closing(NotebookNotary()) as notary:
            notebook = notebook or nbformat.read(output, as_version=4)
            notary.sign(notebook)
            if notary.check_signature(notebook):
                return ""
        reason = "the signature was not kept"
    except Exception as error:
        # A data folder that cannot be written shows as any of OSError, sqlite3 and traitlets errors.
        reason = f"{type(error).__name__}: {error}"
    return f"{output.name} could not be signed, JupyterLab will not trust its output ({reason})"


def _code_cells(notebook: NotebookNode) -> list[tuple[int, NotebookNode]]:
    """(number of the cell among all cells but the failure notes, counted from 1; cell) of the code cells."""
    cells = [cell for cell in notebook.cells if FAILURE_TAG not in cell.metadata.get("tags", [])]
    return [(number, cell) for number, cell in enumerate(cells, start=1) if cell.cell_type == "code"]


def _started(notebook: NotebookNode) -> list[tuple[int, NotebookNode]]:
    """The code cells, numbered likewise, that a run had come to."""
    cells = _code_cells(notebook)
    return [(number, cell) for number, cell in cells if cell.metadata.get("papermill", {}).get("start_time")]


def _failure_text(status: str, error: str, traceback: str) -> str:
    """Markdown whose quoted parts are indented code, so that nothing in them is taken for markup."""
    title = "This run failed" if status == "failed" else "This run was interrupted"
    quoted = "\n".join(f"    {line}" for line in f"{error}\n\n{traceback}".strip().splitlines())
    return f"# {title}: what stands below is incomplete\n\n{quoted}\n"
