"""What a run published, and where two runs differ: every leaf of every document, named by its JSON path.

Nothing is rounded: a number that differs in its last digit is another number. Markdown is compared line by line.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from lib.contract.schema import INSIGHTS_FILE, PROMPT_FILE
from lib.contract.standing import file_bytes

#: File → its content: JSON values, or a list of lines.
Documents = dict[str, Any]
#: Stands for what one of the two runs does not have.
MISSING = "(missing)"


@dataclass(frozen=True)
class Difference:
    """One leaf that differs: `then` in the first run, `now` in the second."""

    file: str
    path: str
    then: Any
    now: Any

    @property
    def place(self) -> tuple[str, str]:
        """File and path."""
        return self.file, self.path


def published_documents(run_dir: Path) -> Documents:
    """The results, insights and prompt addition of a run folder."""
    files = [*sorted(run_dir.glob("results/*.json")), run_dir / INSIGHTS_FILE, run_dir / PROMPT_FILE]
    return {str(path.relative_to(run_dir)): _content(path) for path in files if path.is_file()}


def all_documents(run_dir: Path) -> Documents:
    """Every file that a notebook wrote into its run folder."""
    files = sorted(path for path in run_dir.rglob("*") if path.is_file())
    return {str(path.relative_to(run_dir)): _content(path) for path in files}


def cell_outputs(executed: Path) -> Documents:
    """What the cells of an executed notebook show, by cell; images as the hash of their bytes."""
    cells = nbformat.read(executed, as_version=4).cells
    # The cell that papermill puts in is not one of the author's: numbers are those of the notebook as it was written.
    cells = [cell for cell in cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    shown = {
        f"cell {number}": _outputs(cell.outputs)
        for number, cell in enumerate(cells, start=1)
        if cell.cell_type == "code" and cell.outputs
    }
    return {executed.name: shown} if shown else {}


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """Every leaf in which two runs' documents differ, in the order of the files."""
    found = []
    for file in dict.fromkeys([*then, *now]):
        for path, old, new in _walk(then.get(file, MISSING), now.get(file, MISSING), ""):
            found.append(Difference(file, path or "(file)", old, new))
    return found


def leaves(documents: Mapping[str, Any]) -> int:
    """How many values documents hold: what a comparison compared."""
    return sum(_leaves(content) for content in documents.values())


def _content(path: Path) -> Any:
    data = file_bytes(path)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _hash(data)
    try:
        return json.loads(text, parse_constant=str) if path.suffix == ".json" else text.splitlines()
    except ValueError:
        return text.splitlines()


def _outputs(outputs: Sequence[Any]) -> list[Any]:
    """What was printed on each stream, then what is shown: how the clock cut and mixed them is no figure."""
    texts = {"stdout": "", "stderr": ""}
    for output in outputs:
        if output.output_type == "stream":
            texts[output.name] += output.text
    printed = [_printed(text) for text in texts.values() if text]
    return printed + [_output(output) for output in outputs if output.output_type != "stream"]


def _printed(text: str) -> dict[str, list[str]]:
    """Lines as a terminal has them at the end: a progress bar draws its own over and over."""
    lines = text.removesuffix("\n").split("\n")
    return {"text": [line.rstrip("\r").rpartition("\r")[2] for line in lines]}


def _output(output: Any) -> Any:
    if output.output_type == "error":
        return {"error": f"{output.ename}: {output.evalue}"}
    return {kind: _shown(kind, data) for kind, data in output.data.items()}


def _shown(kind: str, data: Any) -> Any:
    if kind.startswith("image/"):
        return _hash(str(data).encode())
    return data.splitlines() if isinstance(data, str) else data


def _hash(data: bytes) -> str:
    return f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}"


def _walk(then: Any, now: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(then, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*then, *now]):
            inner = f"{path}.{key}" if path else str(key)
            yield from _walk(then.get(key, MISSING), now.get(key, MISSING), inner)
    elif isinstance(then, list) and isinstance(now, list):
        for place in range(max(len(then), len(now))):
            old = then[place] if place < len(then) else MISSING
            new = now[place] if place < len(now) else MISSING
            yield from _walk(old, new, f"{path}[{place}]")
    elif json.dumps(then) != json.dumps(now):  # texts, as True == 1 == 1.0 in Python
        yield path, then, now


def _leaves(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_leaves, value.values()))
    return sum(map(_leaves, value)) if isinstance(value, list) else 1
