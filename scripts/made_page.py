"""A page of docs/reference with one made part: its prose is written by hand, and a script writes what stands between two comments.

A page of figures is made of JSON that lies beside it; `figures_of` takes what a bench found into that, and `share` and `count` say it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.data.atomic import replace_text
from lib.paths import repository_root

ROOT = repository_root()
REFERENCE = ROOT / "docs" / "reference"
OUTPUTS = ROOT / "outputs"
END = "<!-- end -->\n"
SURE = "Intervals are exact binomial ones for shares, from order statistics for counts, 95 %."


@dataclass(frozen=True)
class MadePage:
    """A page and the name of the script that makes a part of it."""

    path: Path
    maker: str

    @property
    def found(self) -> Path:
        """The figures that it is made of, where it is made of figures."""
        return self.path.with_suffix(".json")

    def made(self) -> str:
        """The made part as it stands. Raises SystemExit where the page has no place for it."""
        return self._parts()[1]

    def write(self, part: str) -> bool:
        """Put the made part in the place of the one before; whether they differ."""
        before, standing, behind = self._parts()
        if part != standing:
            replace_text(self.path, before + part + behind)
        return part != standing

    def _parts(self) -> tuple[str, str, str]:
        text, begin = self.path.read_text(encoding="utf-8"), f"<!-- made by scripts/{self.maker}.py -->\n"
        before, mark, rest = text.partition(begin)
        standing, end, behind = rest.partition(END)
        if not (mark and end):
            sys.exit(
                f"{self.path}: no line `{(END if mark else begin).strip()}`; write it where the made part is to end or begin"
            )
        return before + mark, standing, end + behind


def keep(page: MadePage, found: dict[str, Any]) -> None:
    """Write down what the page is made of."""
    replace_text(page.found, json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def kept(page: MadePage) -> dict[str, Any]:
    """What the page is made of; nothing where there is none yet."""
    return json.loads(page.found.read_text(encoding="utf-8")) if page.found.is_file() else {}


def figures_of(page: MadePage, output: str, parts: Iterable[str], target: str, *given: str) -> dict[str, Any]:
    """What the page is made of, kept beside it: the file given, else the bench's outputs/`output`, else what is kept already.

    Raises SystemExit for figures of which one of the `parts` is missing; `target` of the Makefile goes on with them.
    """
    source = Path(given[0]) if given else OUTPUTS / output
    if not given and not source.is_file():
        source = page.found
    found = json.loads(source.read_text(encoding="utf-8"))
    if not set(parts) <= set(found) or found["scale"] != 1.0:
        sys.exit(f"{source}: the bench is not done; run `make {target}`, which goes on where it was")
    keep(page, found)
    return found


def share(figures: dict[str, Any] | None) -> str:
    """A share of runs with its interval, in percent."""
    if figures is None:
        return "–"
    low, high = figures["interval"]
    return f"{100 * figures['share']:.1f} % ({100 * low:.1f} to {100 * high:.1f} %)"


def count(figures: dict[str, Any]) -> str:
    """A quantile with its interval, in whole numbers."""
    low, high = figures["interval"]
    return f"{number(figures['value'])} ({number(low)} to {number(high)})"


def number(value: float | None, digits: int = 0) -> str:
    """A number, or that it never was."""
    return "never" if value is None else f"{value:,.{digits}f}"
