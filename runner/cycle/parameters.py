"""What parameters a notebook takes, read from its tagged cell before a kernel starts.

Papermill only warns about an unknown name, and its own inspector misses `x: int | None = None`; here the cell is parsed by `ast`. Values
are JSON types, so times travel as ISO strings.
"""

from __future__ import annotations

import ast
import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lib.contract.standing import file_text, not_a_file
from lib.errors import ParameterError

_TAG = "parameters"
_JSON_FIX = "Take JupyterLab's last checkpoint of it (File, Revert), or the one of the repository"
_PUT_RIGHT = "open it in JupyterLab and save it, or take the one of the repository"
#: Stands for a default that is no literal: any JSON value may replace it.
UNKNOWN = object()


def declared_parameters(notebook: Path) -> dict[str, Any]:
    """Name → default of each parameter in the cell tagged `parameters`; {} where there is no such cell.

    Raises ParameterError when the file is no notebook, has two such cells, or the cell is not plain Python.
    """
    tagged = _tagged(notebook, _TAG)
    if len(tagged) > 1:
        raise ParameterError(
            f"{notebook}: {len(tagged)} cells are tagged `{_TAG}`; papermill fills the first one only. Take the tag off the others"
        )
    return _assignments("".join(tagged[0]["source"]), notebook) if tagged else {}


def taken_of(notebook: Path, offered: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `offered` that the notebook declares; none where it cannot be read, because running it then says why."""
    try:
        declared = declared_parameters(notebook)
    except ParameterError:
        return {}
    return {name: value for name, value in offered.items() if name in declared}


def check_parameters(notebook: Path, given: Mapping[str, Any]) -> None:
    """Raise ParameterError unless each of `given` is declared by the notebook with a default of the same kind."""
    declared = declared_parameters(notebook)
    for name, value in given.items():
        if name not in declared:
            near = difflib.get_close_matches(name, declared, n=1)
            hint = (
                f"; did you mean {near[0]}"
                if near
                else f"; it has {', '.join(declared) or f'none: tag the cell that sets them `{_TAG}`'}"
            )
            raise ParameterError(f"{notebook}: no parameter {name} in the cell tagged `{_TAG}`{hint}")
        default = declared[name]
        if not _same_kind(default, value):
            raise ParameterError(
                f"{notebook}: parameter {name} is {type(default).__name__} ({default!r}), not {type(value).__name__} ({value!r})"
            )


def has_tag(notebook: Path, *tags: str) -> bool:
    """Whether a cell has one of these tags; False where it cannot be read, because running it then says why."""
    try:
        return any(_tagged(notebook, tag) for tag in tags)
    except ParameterError:
        return False


def _tagged(notebook: Path, tag: str) -> list[dict[str, Any]]:
    return [cell for cell in _cells(notebook) if tag in cell.get("metadata", {}).get("tags", [])]


def _cells(notebook: Path) -> list[dict[str, Any]]:
    if what := not_a_file(notebook):
        raise ParameterError(
            f"{notebook}: no such notebook: {what}. Name another, or take the one of the repository"
        )
    try:
        found = json.loads(file_text(notebook, encoding="utf-8"))  # as papermill will read it
    except UnicodeDecodeError:
        raise ParameterError(f"{notebook}: not a notebook: it is no UTF-8 text. Save it as UTF-8") from None
    except (ValueError, RecursionError) as error:
        fix = "Save it as UTF-8 without a mark before it (BOM)" if "BOM" in str(error) else _JSON_FIX
        raise ParameterError(f"{notebook}: not a notebook ({error}). {fix}") from None
    cells = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(cells, list) or not all(_is_cell(cell) for cell in cells):
        raise ParameterError(f"{notebook}: not a notebook of format 4: {_PUT_RIGHT}")
    return cells


def _is_cell(cell: Any) -> bool:
    if not isinstance(cell, dict) or not isinstance(cell.get("metadata", {}), dict):
        return False
    tags, source = cell.get("metadata", {}).get("tags", []), cell.get("source")
    return isinstance(tags, list) and (
        isinstance(source, str)
        or (isinstance(source, list) and all(isinstance(line, str) for line in source))
    )


def _assignments(source: str, notebook: Path) -> dict[str, Any]:
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise ParameterError(f"{notebook}: cell `{_TAG}`, line {error.lineno}: {error.msg}") from None
    found: dict[str, Any] = {}
    for statement in body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, value = statement.targets[0], statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            target, value = statement.target, statement.value
        else:
            continue
        if isinstance(target, ast.Name):
            found[target.id] = _literal(value)
    return found


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return UNKNOWN


def _same_kind(default: Any, value: Any) -> bool:
    if not isinstance(value, (bool, int, float, str, list, dict, type(None))):
        return False
    if default is UNKNOWN or default is None:
        return True
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, float):
        return isinstance(value, (int, float))
    if isinstance(default, (list, tuple)):
        return isinstance(value, list)
    return isinstance(value, type(default))
