"""What a shell completes in the place of a value: names that stand in files, read without slow imports; nothing where that fails.

Words of a fixed set complete by `one_of`; names of files and folders the shell knows itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import typer

from lib import paths
from lib.contract.lines import file_lines
from lib.contract.schema import DECISIONS_FILE, INSIGHTS_FILE
from lib.contract.standing import file_text, open_file
from lib.contract.visible import visible
from runner.cycle.prune import cycle_folders

#: Bytes of the decisions that are looked at: the newest hundred and more.
_TAIL = 64 * 1024
_MOST = 40


def one_of(*words: str) -> Callable[[str], list[str]]:
    """Completes words of a fixed set."""
    return lambda incomplete: [word for word in words if word.startswith(incomplete)]


def lesson_ids(context: typer.Context, incomplete: str) -> list[str]:
    """Of the lessons that the newest cycle published."""
    return _those(incomplete, lambda: (lesson["id"] for lesson in _insights(context)["lessons"]))


def decision_ids(context: typer.Context, incomplete: str) -> list[str]:
    """Of the newest decisions, the newest first, and `last`."""
    return _those(incomplete, lambda: ["last", *_newest_ids(_folder(context) / DECISIONS_FILE)])


def cycle_names(context: typer.Context, incomplete: str) -> list[str]:
    """Of the cycles of the outputs, the newest first."""
    outputs = context.params.get("outputs")
    return _those(incomplete, lambda: (path.name for path in cycle_folders(paths.outputs(outputs))))


def prompt_hashes(context: typer.Context, incomplete: str) -> list[str]:
    """Beginnings of the hashes of the prompt additions that are kept."""
    return _those(
        incomplete, lambda: (path.stem[:12] for path in sorted(_folder(context).glob("prompts/*.md")))
    )


def _those(incomplete: str, find: Callable[[], Iterable[str]]) -> list[str]:
    """Those that begin so, a shell can take as one word, and show nothing that cannot be seen."""
    try:
        found = [name for name in find() if name.startswith(incomplete) and name == visible(name)]
    except Exception:  # whoever presses a key wants names or nothing, and no message into the line
        return []
    return [name for name in found if name and not set(name) & set(" \t'\"$`\\")][:_MOST]


def _folder(context: typer.Context) -> Path:
    return paths.trading_data(context.params.get("trading_data"))


def _insights(context: typer.Context) -> dict:
    return json.loads(file_text(_folder(context) / INSIGHTS_FILE))


def _newest_ids(path: Path) -> list[str]:
    """A reasoning may hold commas and line ends, so ids are taken from rows that a reader of CSV gives."""
    import csv

    with open_file(path) as log:
        size = path.stat().st_size
        head = log.readline().decode(errors="replace")
        log.seek(max(len(head.encode()), size - _TAIL))
        tail = log.read().decode(errors="replace")
    names = next(csv.reader([head]))
    place = names.index("decision_id")
    whole = tail if size <= _TAIL else tail.partition("\n")[2]
    rows = [row for row in csv.reader(file_lines(whole)) if len(row) == len(names)]
    return [row[place] for row in reversed(rows)]
