"""The recipes of CONTRIBUTING name files that exist, and the worked example of a new analyzer works as it stands on its page."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lib.paths import repository_root

ROOT = repository_root()
PAGE = ROOT / "docs" / "guide" / "adding-an-analyzer.md"
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCK = re.compile(
    r"^`(?P<file>[^`\n]+)`(?:, (?P<side>after|before) `(?P<anchor>[^\n]+)`)?:\n\n```(?:python|text)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
COPIED = ("lib", "runner", "notebooks", "tests", "scripts", "bench", "pyproject.toml", "README.md")


class Block(NamedTuple):
    """A new file, or text for an existing one beside the line `anchor`."""

    file: str
    side: str | None
    anchor: str | None
    text: str


def blocks(page: str) -> list[Block]:
    return [Block(**found.groupdict()) for found in BLOCK.finditer(page)]


def put(block: Block, root: Path) -> None:
    """Write a block into a copy of the repository."""
    path = root / block.file
    if block.anchor is None:
        assert not path.exists(), f"{block.file} is there already"
        if path.suffix == ".ipynb":
            nbformat.write(notebook(block.text), path)
        else:
            path.write_text(block.text, encoding="utf-8")
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    (place,) = [number for number, line in enumerate(lines) if line.strip() == block.anchor]
    lines.insert(place + (block.side == "after"), block.text + "\n\n" * (block.side == "before"))
    path.write_text("".join(lines), encoding="utf-8")


def notebook(text: str) -> nbformat.NotebookNode:
    """A notebook of cells that `# %%` begins."""
    cells = []
    for head, source in re.findall(r"^# %%(.*)\n((?:(?!# %%).*\n)*)", text, re.MULTILINE):
        if "[markdown]" in head:
            cells.append(new_markdown_cell(re.sub(r"^# ?", "", source.rstrip("\n"), flags=re.MULTILINE)))
        else:
            tags = {"tags": json.loads(head.partition("tags=")[2])} if "tags=" in head else {}
            cells.append(new_code_cell(source.rstrip("\n"), metadata=tags))
    return new_notebook(
        cells=cells,
        metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}},
    )


@pytest.fixture
def copy(tmp_path) -> Path:
    """A copy of the repository with the example of the page in it."""
    root = tmp_path / "copy"
    root.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / name)
    found = blocks(PAGE.read_text(encoding="utf-8"))
    assert len(found) == 11
    for block in found:
        put(block, root)
    return root


def run(root: Path, *words: str) -> str:
    """What the command printed; it must end well."""
    done = subprocess.run(
        [sys.executable, *words], cwd=root, capture_output=True, text=True, env={"PYTHONPATH": str(root)}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_example_is_in_order_and_a_cycle_publishes_it(copy, sample_data, tmp_path):
    run(copy, "-m", "ruff", "check", ".")
    run(copy, "-m", "ruff", "format", "--check", "lib", "tests/lib/analysis")
    own = "tests/lib/analysis/test_hour_ranges.py"
    assert "3 passed" in run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", own)
    data, outputs = Path(shutil.copytree(sample_data, tmp_path / "data")), tmp_path / "outputs"
    places = ("--trading-data", str(data), "--outputs", str(outputs), "--as-of", "newest")
    run(copy, "-c", "from runner.main import main; main()", "cycle", *places)
    folder = (outputs / "latest").resolve()
    result = json.loads((folder / "results" / "hour_ranges.json").read_text())["result"]
    insights = json.loads((data / "training_insights.json").read_text())
    assert insights["hour_ranges"] == result and result["candles"] > 0
    assert insights["sections"]["hour_ranges"] == "ok"
    assert "## HOURS OF THE DAY\n- " in (data / "prompt_addition.md").read_text()
    assert "Hour ranges" in (folder / "index.html").read_text()


# CONTRIBUTING


def named_files(page: str) -> set[str]:
    """Files that the recipes name, but for those with a `<name>` in them."""
    recipes = page.partition("## Recipes")[2].partition("\n## ")[0]
    return {word for word in re.findall(r"`([\w./-]+\.\w+)`", recipes) if "/" in word}


def test_recipes_name_files_that_exist():
    assert len(named_files(CONTRIBUTING)) > 25
    assert {name for name in named_files(CONTRIBUTING) if not (ROOT / name).exists()} == set()


def test_a_recipe_that_names_a_file_that_is_not_there_is_seen():
    assert named_files("## Recipes\n`lib/no/such.py`, `tests/<name>.py`\n## Next\n`lib/other.py`") == {
        "lib/no/such.py"
    }
