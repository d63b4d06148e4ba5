"""What the first notebook says: which data there is, and the newest cycles with links that JupyterLab opens. All of it is Markdown."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, NamedTuple

from lib import paths
from lib.contract.standing import file_text
from lib.contract.words import instant_or_none
from lib.data.newest import newest_known_at
from lib.data.window import load_window

_CYCLE = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
_EARLIER = 8
_MAKE = "`make demo` makes a synthetic market and six cycles on it; `ribbon backfill` and `ribbon collect` fetch real data."
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_QUESTION = re.compile(r"\*\*Question\.\*\* (.+?)(?=\n\n|\Z)", re.DOTALL)
_NUMBER = re.compile(r"^\d+_")
_WHOSE = re.compile(r"[A-Za-z' ,-]{1,120}")


class FoundCycle(NamedTuple):
    """A folder of outputs/ with a page: what it knew up to, and whose decisions on what market it was about ("" where it does not say)."""

    folder: Path
    as_of: str
    whose: str


def data_text(trading_data: str | Path = "", as_of: str = "", lookback_hours: float = 24.0) -> str:
    """Whose data is in a trading_data folder and up to when, in a sentence; how to get some where there is none.

    Raises what lib.data.window.load_window does but for an empty window.
    """
    folder = paths.trading_data(trading_data)
    if not folder.is_dir() or newest_known_at(folder) is None:
        return f"**No data yet.** {_MAKE}"
    window = load_window(folder, as_of, lookback_hours, allow_empty=True)
    own = window.in_window(window.decisions)
    return (
        f"**{window.source.label}**, known up to {window.as_of:%Y-%m-%d %H:%M} UTC: in the last {lookback_hours:g} hours "
        f"{len(own):,} decisions, {int(own['executed'].sum()):,} of them executed, "
        f"and {len(window.in_window(window.candles_5min)):,} candles of 5 minutes."
    )


def notebooks_text() -> str:
    """A table of the other notebooks, each with the question that it begins with, as links from beside them."""
    lines = ["| notebook | question |", "|---|---|"]
    for path in sorted(paths.notebooks().glob("*.ipynb")):
        prose = _prose(path)
        title, question = _TITLE.search(prose), _QUESTION.search(prose)
        if title and question:
            lines.append(f"| [{title[1]}]({path.name}) | {' '.join(question[1].split())} |")
    return "\n".join(lines)


def _prose(path: Path) -> str:
    cells = json.loads(file_text(path))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def newest_cycles(outputs: Path, most: int) -> list[FoundCycle]:
    """The newest cycles that have a page, the newest first; none where the folder is not there."""
    folders = sorted(outputs.iterdir(), reverse=True) if outputs.is_dir() else []
    with_page = [
        folder for folder in folders if _CYCLE.fullmatch(folder.name) and (folder / "index.html").is_file()
    ]
    return [_found(folder) for folder in with_page[:most]]


def cycles_text(outputs: str | Path = "", beside: str | Path = "") -> str:
    """The newest cycle with its executed notebooks and reports, and those before it, as links from the folder `beside` (default: that of
    the notebooks).

    Links lead below the repository only, as JupyterLab opens nothing else; of outputs elsewhere their place is told.
    """
    place, origin = paths.outputs(outputs), Path(beside or paths.notebooks())
    cycles = newest_cycles(place, 1 + _EARLIER)
    if not cycles:
        return f"**No cycle has run yet.** {_MAKE} `ribbon cycle --as-of newest` then runs one."
    if not place.is_relative_to(origin.parent):
        return f"The cycles are in `{place}`, which JupyterLab does not show: open `{place / 'index.html'}` in a browser."
    newest, *earlier = cycles
    lines = [f"**Newest cycle: {_link(_known(newest), newest.folder / 'index.html', origin)}**{_of(newest)}"]
    lines += ["", "| of it | executed notebook | page |", "|---|---|---|"]
    places = (newest.folder / "notebooks", ".ipynb"), (newest.folder / "reports", ".html")
    for stem in sorted({path.stem for kept, suffix in places for path in kept.glob(f"*{suffix}")}):
        files = [kept / f"{stem}{suffix}" for kept, suffix in places]
        linked = [_link("open", path, origin) if path.is_file() else "–" for path in files]
        lines.append(f"| {_NUMBER.sub('', stem).replace('_', ' ').capitalize()} | {' | '.join(linked)} |")
    if earlier:
        lines += ["", f"Before it ({_link('all', place / 'index.html', origin)}):", ""]
        lines += [
            f"- {_link(_known(cycle), cycle.folder / 'index.html', origin)}{_of(cycle)}" for cycle in earlier
        ]
    everywhere = f"A page's own links do not work in a tab of JupyterLab; in a browser they do: `{(place / 'index.html').as_uri()}`"
    return "\n".join([*lines, "", everywhere])


def _link(text: str, target: Path, origin: Path) -> str:
    return f"[{text}]({Path(os.path.relpath(target, origin)).as_posix()})"


def _known(cycle: FoundCycle) -> str:
    return f"known up to {cycle.as_of[:16].replace('T', ' ')} UTC" if cycle.as_of else cycle.folder.name


def _of(cycle: FoundCycle) -> str:
    return f", {cycle.whose}" if cycle.whose else ""


def _found(folder: Path) -> FoundCycle:
    try:
        told = json.loads(file_text(folder / "manifest.json"))
    except (OSError, ValueError):
        told = None
    as_of, whose = _at(told, "parameters", "as_of"), _at(told, "source", "label")
    return FoundCycle(
        folder,
        as_of if isinstance(as_of, str) and instant_or_none(as_of) is not None else "",
        whose if isinstance(whose, str) and _WHOSE.fullmatch(whose) else "",
    )


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
