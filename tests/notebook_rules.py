"""The countable part of what makes a notebook readable, as one pure function over a notebook."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from scripts.strip_notebooks import MARK, stripped

FIRST = "00_start"
LONGEST_CELL = 12
SHORT_CELL = 3
OPENING_WORDS = ("question", "inputs", "caveat")
COMMON_PARAMETERS = {"trading_data", "run_dir", "as_of", "lookback_hours"}
# Of this project lib alone; of the rest, what shows a result.
IMPORTABLE = {"lib", "pandas", "numpy", "matplotlib", "IPython", "__future__"}


def broken_rules(name: str, notebook) -> list[str]:
    """What `notebook` (an nbformat v4 node) breaks, in words; empty if nothing.

    `name` is its file name without suffix. Notebooks named explore_… are for people: they publish and compare nothing. The first one is
    for people too, and publishes nothing.
    """
    found = [
        *_kernel(notebook),
        *_opening(notebook),
        *_parameters(notebook),
        *_cells(notebook),
        *_imports(notebook),
    ]
    if not name.startswith("explore_"):
        found += _compared(notebook)
        found += _closing(notebook) if name != FIRST else []
    if stripped(notebook) != notebook:
        found.append("not stripped: run `make format`")
    return found


def _code(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _statements(cell) -> list[ast.stmt]:
    try:
        return ast.parse(cell.source).body
    except SyntaxError:
        return []


def _kernel(notebook) -> Iterator[str]:
    kernel = notebook.metadata.get("kernelspec", {})
    if (kernel.get("name"), kernel.get("language")) != ("python3", "python"):
        yield "the kernel is not python3: plain papermill would not find it"


def _opening(notebook) -> Iterator[str]:
    prose = ""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            break
        prose += cell.source.lower()
    for word in OPENING_WORDS:
        if word not in prose:
            yield f"the prose before the first code does not state its {word}"


def _parameters(notebook) -> Iterator[str]:
    cells = [cell for cell in _code(notebook) if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        yield f"{len(cells)} cells are tagged parameters instead of one"
        return
    names = set()
    for line in cells[0].source.strip().splitlines():
        statement, comment, _ = line.partition("  # ")
        body = _statements(cells[0].__class__(source=statement))
        single = len(body) == 1 and isinstance(body[0], ast.Assign | ast.AnnAssign)
        if not single or not comment:
            yield f"not one parameter with a trailing comment: {line}"
            continue
        target = body[0].targets[0] if isinstance(body[0], ast.Assign) else body[0].target
        names.add(ast.unparse(target))
    if missing := COMMON_PARAMETERS - names:
        yield f"parameters lack {', '.join(sorted(missing))}"


def _cells(notebook) -> Iterator[str]:
    lengths = [len(cell.source.strip().splitlines()) for cell in _code(notebook)]
    for number, length in enumerate(lengths, start=1):
        if length > LONGEST_CELL:
            yield f"code cell {number} has {length} lines, more than {LONGEST_CELL}"
    # The parameters cell is as long as it has parameters.
    told = [cell for cell in _code(notebook) if "parameters" not in cell.metadata.get("tags", [])]
    short = [cell for cell in told if len(cell.source.strip().splitlines()) <= SHORT_CELL]
    if 2 * len(short) <= len(told):
        yield f"no more than half of the code cells have at most {SHORT_CELL} lines"
    for number, cell in enumerate(_code(notebook), start=1):
        if cell.source.strip() and not _statements(cell) and not _only_comments(cell):
            yield f"code cell {number} is not plain Python"
        nodes = [node for statement in _statements(cell) for node in ast.walk(statement)]
        if any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in nodes):
            yield f"code cell {number} defines a function or class: its place is lib"


def _only_comments(cell) -> bool:
    return all(not line.strip() or line.lstrip().startswith("#") for line in cell.source.splitlines())


def _imports(notebook) -> Iterator[str]:
    nodes = [
        node for cell in _code(notebook) for statement in _statements(cell) for node in ast.walk(statement)
    ]
    for node in nodes:
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for module in modules:
            if module.partition(".")[0] not in IMPORTABLE:
                yield f"imports {module or 'relatively'}: notebooks use lib only"


def _closing(notebook) -> Iterator[str]:
    last = notebook.cells[-1]
    body = _statements(last) if last.cell_type == "code" else []
    called = {
        ast.unparse(node.func)
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
    }
    if not any("publish" in name or name.endswith("replace_json") for name in called):
        yield "the last cell does not publish the result"
    elif not isinstance(body[-1], ast.Expr):
        yield "the last cell does not show what it publishes"


def _compared(notebook) -> Iterator[str]:
    compared = [cell for cell in _code(notebook) if MARK in cell.source]
    if not any(cell.outputs and cell.execution_count for cell in compared):
        yield f"no key figure is compared: mark a cell with {MARK} and run `make expected`"
