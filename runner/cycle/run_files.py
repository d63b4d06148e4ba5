"""JSON files of a cycle's run folder, as notebooks left them: read without trust in what stands there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lib.contract.standing import file_text


def json_of(path: Path) -> Any:
    """What a file says; None where there is none, it is torn, no JSON or nested without end, or holds NaN or an infinity."""
    if not path.is_file():  # a pipe would be waited for
        return None
    try:
        return json.loads(file_text(path), parse_constant=_refuse)
    except (OSError, ValueError, RecursionError):
        return None


def result_of(run_dir: Path, name: str) -> Any:
    """The result of an analyzer, as its notebook left it. Raises TypeError or KeyError where there is none that can be read."""
    return json_of(run_dir / "results" / f"{name}.json")["result"]


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
