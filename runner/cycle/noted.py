"""What a report has of the lessons beside the tables of its window: lib.draw.all_days, put in under a heading or before one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from lib.contract.schema import INSIGHTS_FILE
from lib.draw.all_days import Contrast, contrast, standing_sentence
from lib.draw.apart import groups_apart
from lib.draw.html import Sentences, escape
from lib.draw.regime_lessons import all_regimes
from lib.draw.tables import Table
from lib.draw.words import tight
from lib.lessons.lesson import Lesson
from runner.cycle.run_files import Results, json_of

#: Headings of notebooks.
DIRECTIONS, SETUPS, IN_REGIME, WICKS = (
    "LONG and SHORT",
    "By setup",
    "The entry rule in this regime",
    "Wicks and dips",
)


class Note(NamedTuple):
    """HTML to stand at a heading of a report: right under it, or before it."""

    heading: str
    html: str
    before: bool = False


def lessons_beside(run_dir: Path) -> list[Lesson]:
    """All lessons of a cycle's insights; none where they cannot be read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        insights = json_of(run_dir / INSIGHTS_FILE)
        return [Lesson.read(lesson) for lesson in insights["lessons"]]
    return []


def notes_beside(results: Results, lessons: Sequence[Lesson]) -> dict[str, list[Note]]:
    """Name of a notebook → what stands beside its tables; nothing where a result is missing."""
    found: dict[str, list[Note]] = {}
    if actual := results.actual:
        found["01_actual_trades"] = [_sentence(DIRECTIONS, standing_sentence(lessons, groups_apart(actual)))]
    if optimum := results.optimum:
        every = {seen.signature: seen.standard for seen in optimum.optimal_patterns if seen.standard}
        found["02_optimal_vs_actual"] = [_contrast(SETUPS, contrast(lessons, every, "setups"))]
    if backtest := results.backtest:
        setups = {group.signature: group for group in backtest.top_patterns}
        found["03_smart_backtest"] = [_contrast(SETUPS, contrast(lessons, setups, "rule"))]
    if now := results.regime:
        found["04_regime_and_wicks"] = [
            _contrast(WICKS, contrast(lessons, now.wick_performance, "wicks")),
            _of_all_days(lessons, now.current_regime),
        ]
    return {name: kept for name, notes in found.items() if (kept := [note for note in notes if note.html])}


def with_notes(body: str, notes: Sequence[Note]) -> str:
    """A report's HTML with its notes; one whose heading is not there is left out."""
    for note in notes:
        heading = re.search(rf"<h2\b[^>]*>{re.escape(escape(note.heading))}</h2>", body)
        if heading:
            place = heading.start() if note.before else heading.end()
            body = f"{body[:place]}{note.html}{body[place:]}"
    return body


def _sentence(heading: str, sentence: str) -> Note:
    return Note(heading, sentence and f"<p>{escape(tight(sentence))}</p>")


def _contrast(heading: str, found: Contrast | None) -> Note:
    if found is None:
        return Note(heading, "")
    tables = "".join(_scrolling(table, table.caption) for table in found.tables)
    return Note(heading, f"{tables}{Sentences([found.words])._repr_html_()}")


def _scrolling(table: Table, title: str) -> str:
    return f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(title)}">{table._repr_html_()}</div>'


def _of_all_days(lessons: Sequence[Lesson], regime: str) -> Note:
    """The regimes side by side, and what the lessons saw of the entry rule and of wicks in the one that rules now."""
    rows = all_regimes(lessons, regime)
    return Note(IN_REGIME, rows and f"<h2>The regimes, over all days</h2>{rows}", before=True)
