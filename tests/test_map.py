"""docs/map.md: it shows every room and nothing that is not there, and its three ways can be walked along the imports.

The order of a way: of two neighbours, the later imports the earlier (`→`), or the earlier the later (`↳`), directly or by way of other
files. A name without a folder is a file of the data, which one program writes and another reads; there the imports begin anew.
"""

from __future__ import annotations

import ast
import json
import re
from functools import cache

import pytest

from lib.contract import schema
from lib.paths import repository_root

ROOT = repository_root()
MAP = (ROOT / "docs/map.md").read_text(encoding="utf-8")
TREE, *WAYS = re.findall(r"^```\n(.*?)^```", MAP, flags=re.MULTILINE | re.DOTALL)
STORED = {
    *schema.SAMPLE_FILES.values(),
    *schema.CANDLE_FILES.values(),
    schema.DECISIONS_FILE,
    schema.PROMPT_FILE,
}


def module_file(name: str) -> str:
    """The file of a dotted name, as a path; "" for what is no file of ours."""
    path = name.replace(".", "/")
    for candidate in (f"{path}.py", f"{path}/__init__.py"):
        if (ROOT / candidate).is_file():
            return candidate
    return ""


def source(path: str) -> str:
    text = (ROOT / path).read_text(encoding="utf-8")
    if not path.endswith(".ipynb"):
        return text
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    return "\n".join("".join(cell["source"]) for cell in cells)


@cache
def imported(path: str) -> frozenset[str]:
    """Files that a file imports itself."""
    names = set()
    for node in ast.walk(ast.parse(source(path))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(filter(None, map(module_file, names)))


@cache
def reached(path: str) -> frozenset[str]:
    """Files that a file imports, directly or by way of others."""
    found: set[str] = set()
    waiting = [path]
    while waiting:
        waiting += (fresh := imported(waiting.pop()) - found)
        found |= fresh
    return frozenset(found)


def stations(way: str) -> list[tuple[str, str]]:
    """Arrow ("" for none) and file of each line."""
    return [re.match(r"([→↳]?)\s+(\S+)", line).groups() for line in way.splitlines()]


def test_the_tree_shows_every_room():
    shown = {
        line.split()[0].rstrip("/") for line in TREE.splitlines() if line.startswith(("lib/", "runner/"))
    }
    there = {
        str(path.relative_to(ROOT))
        for wing in ("lib", "runner")
        for path in (ROOT / wing).iterdir()
        if (path / "__init__.py").is_file() or (path.suffix == ".py" and path.name != "__init__.py")
    }
    assert shown == there


def test_there_are_three_ways():
    assert len(WAYS) == 3


@pytest.mark.parametrize("way", WAYS, ids=["figure", "prompt", "order"])
def test_a_way_can_be_walked(way):
    before = ""
    for arrow, file in stations(way):
        if "/" not in file:
            assert file in STORED and not arrow
        else:
            assert (ROOT / file).is_file(), file
            if before:
                assert arrow, f"{file} stands after {before} without an arrow"
                later, earlier = (file, before) if arrow == "→" else (before, file)
                assert earlier in reached(later), f"{later} does not import {earlier}"
        before = file if "/" in file else ""


def test_every_figure_is_made_where_the_map_says_and_defined():
    section = MAP.split("## Where a figure of a report comes from\n")[1].split("\n## ")[0]
    rows = [row.strip("| ").split(" | ") for row in section.splitlines() if row.startswith("| ")][1:]
    for figure, made_by, what in rows:
        words = re.findall(r"`([^`]+)`", made_by)
        files = [word for word in words if "/" in word]
        assert files and all((ROOT / file).is_file() for file in files), figure
        functions = re.findall(r"`(\w+)` of `([^`]+)`", made_by)
        assert all(f"def {name}(" in source(file) for name, file in functions), figure
        assert what.count("](") == 1, figure


def test_a_way_that_cannot_be_walked_is_seen():
    with pytest.raises(AssertionError, match="does not import"):
        test_a_way_can_be_walked("  lib/draw/style.py  drawn first\n→ lib/errors.py  and then a mistake\n")
