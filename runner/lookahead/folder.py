"""A data folder of its own for a check: the market's files as they were known at an instant, and what learning had left by then.

Samples, candles, decisions and every other CSV with a timestamp column are altered (rows.py, decisions.py). Learning files are inputs of a
cycle too, and are the same in every mode: history records of before, the choices a person made, changes of terms, the rows of experiments
until then, what followed questions had found, and the insights published before.
Whatever else lies there (event logs, databases, prompts, notes) is left out and named: no notebook may need it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import pandas as pd

from lib.analysis.past_events import SETUP_OUTCOMES_FILE
from lib.contract import schema
from lib.contract.standing import file_text
from lib.contract.times import configured_zone, microseconds
from lib.contract.words import instant_or_none
from lib.errors import HeaderError, ParameterError, RibbonError
from lib.experiments.log import EXPERIMENTS_FILE
from lib.experiments.rows import read_row
from lib.lessons.choices import CHOICES_FILE
from lib.lessons.eras import TERMS_FILE
from lib.questions.followed import trades_path
from lib.questions.record import record_path
from runner.cycle.inputs import published_as_of
from runner.lookahead.decisions import alter_decisions
from runner.lookahead.rows import Mode, alter_rows

#: Events of orders and money: written by the live loop, read by no notebook, and not one row a line.
_LEFT_OUT = ("trade_events.csv", "model_spend.csv")


@dataclass(frozen=True)
class AlteredFolder:
    """What became of the files: later rows by file, and the names of what was left out."""

    later: dict[str, int]
    left_out: tuple[str, ...]


def alter_folder(source: Path, target: Path, as_of: pd.Timestamp, mode: Mode) -> AlteredFolder:
    """Make `target`, the market's files of `source` at `as_of`; raises DataError for a file that cannot be read."""
    target.mkdir(parents=True)
    named = configured_zone()
    later: dict[str, int] = {}
    left_out = []
    for path in _files(source):
        copy = target / path.name
        try:
            if path.suffix != ".csv" or path.name in _LEFT_OUT:
                left_out.append(path.name)
            elif path.name == schema.DECISIONS_FILE:
                later[path.name] = alter_decisions(path, copy, as_of, mode, named)
            else:
                later[path.name] = alter_rows(path, copy, as_of, mode, named)
        except HeaderError:
            if path.name in schema.MARKET_FILES:
                raise
            left_out.append(path.name)
    return AlteredFolder(later, tuple(name for name in left_out if name not in (*_LEARNING, *_MADE)))


def whole_folder(source: Path, target: Path) -> None:
    """Make `target`, where the market's files are those of `source`, untouched."""
    target.mkdir(parents=True)
    for path in _files(source):
        if path.suffix == ".csv" and path.name not in _LEFT_OUT:
            (target / path.name).symlink_to(path.resolve())


def copy_learning(
    source: Path,
    target: Path,
    as_of: pd.Timestamp,
    insights: Sequence[Path | None] = (),
    clock: pd.Timestamp | None = None,
) -> None:
    """What a run at `as_of` found of earlier learning: records before it, choices, changes of terms, trades of followed questions, and the
    first insights that are not later.

    `insights` are folders to take the published insights from, in order; None stands for `source` itself. Choices are inputs by the time
    that a clock showed when they were made: those up to `clock`, or all without one.
    """
    if (source / schema.HISTORY_FILE).is_file():
        lines = _whole_lines(source / schema.HISTORY_FILE)
        kept = [line for line in lines if _is_before(line, as_of)]
        (target / schema.HISTORY_FILE).write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
    if (source / CHOICES_FILE).is_file():
        lines = _whole_lines(source / CHOICES_FILE)
        made = [line for line in lines if not _is_after(line, clock)]
        (target / CHOICES_FILE).write_text("".join(f"{line}\n" for line in made), encoding="utf-8")
    if (source / TERMS_FILE).is_file():
        lines = _whole_lines(source / TERMS_FILE)
        held = [line for line in lines if not _is_after(line, as_of)]
        (target / TERMS_FILE).write_text("".join(f"{line}\n" for line in held), encoding="utf-8")
    if (source / EXPERIMENTS_FILE).is_file():
        lines = _whole_lines(source / EXPERIMENTS_FILE)
        known = takewhile(
            lambda line: not _is_later_row(line, as_of), lines
        )  # as lib.experiments.folder takes them
        (target / EXPERIMENTS_FILE).write_text("".join(f"{line}\n" for line in known), encoding="utf-8")
    _copy_questions(source, target, as_of, clock)
    for folder in insights:
        place = folder or source
        made = published_as_of(place)
        if made is not None and made <= as_of:
            for name in (schema.INSIGHTS_FILE, schema.PROMPT_FILE):
                if (place / name).is_file():
                    shutil.copyfile(place / name, target / name)
            return


def _copy_questions(source: Path, target: Path, as_of: pd.Timestamp, clock: pd.Timestamp | None) -> None:
    """What was kept, by the clock as choices are, and the trades of followed questions that had been found by then."""
    if not record_path(source).is_file():
        return
    record_path(target).parent.mkdir()
    *lines, _ = file_text(record_path(source), errors="replace").split("\n")
    made = [line for line in lines if not _is_after(line, clock)]
    record_path(target).write_text("".join(f"{line}\n" for line in made), encoding="utf-8")
    if trades_path(source).is_file():
        *lines, _ = file_text(trades_path(source), errors="replace").split("\n")
        found = [line for line in lines if not _is_after(line, as_of, "hour")]
        trades_path(target).write_text("".join(f"{line}\n" for line in found), encoding="utf-8")


def data_folder(folder: str | Path) -> Path:
    """The folder if it is there; raises ParameterError."""
    if not Path(folder).is_dir():
        raise ParameterError(f"{folder}: the data folder is not there; name it with --trading-data")
    return Path(folder)


#: Made from the market's files, and made anew where they differ.
_MADE = (SETUP_OUTCOMES_FILE,)
_LEARNING = (
    schema.INSIGHTS_FILE,
    schema.PROMPT_FILE,
    schema.HISTORY_FILE,
    CHOICES_FILE,
    TERMS_FILE,
    EXPERIMENTS_FILE,
)


def _files(source: Path) -> list[Path]:
    return sorted(path for path in source.iterdir() if path.is_file() and not path.name.startswith("."))


def _whole_lines(path: Path) -> list[str]:
    """As those who read such a file take them: cut at newlines alone, without what a kill cut off behind the last one."""
    *lines, _ = file_text(path, errors="replace").split("\n")
    return lines


def _is_before(line: str, as_of: pd.Timestamp) -> bool:
    made = _instant_of(line, "timestamp")
    return made is not None and made < as_of


def _is_later_row(line: str, as_of: pd.Timestamp) -> bool:
    """Whether a row of the experiments' log was written after `as_of`; what is no row stays, for whoever reads it to refuse."""
    try:
        return read_row(line).at > microseconds(as_of)
    except ValueError:
        return False


def _is_after(line: str, clock: pd.Timestamp | None, key: str = "at") -> bool:
    made = _instant_of(line, key)
    return made is not None and clock is not None and made > clock


def _instant_of(line: str, key: str) -> pd.Timestamp | None:
    try:
        return instant_or_none(json.loads(line)[key])
    except (ValueError, KeyError, TypeError, RibbonError):
        return None
