"""What a cycle has to say, for its front page, the list of cycles and the page of its prompt: what happened, what is proven, what Claude is
told, what of that is new. The sentences are those of lib.draw.findings, of the figures that the manifest keeps.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from lib.contract.dollars import Coin
from lib.contract.results import GroupStats
from lib.contract.schema import INSIGHTS_FILE
from lib.contract.standing import file_text
from lib.draw.findings import Found, change_finding, figures_finding, lessons_finding, told_sentence
from lib.draw.html import STEP
from lib.draw.lesson_effects import since_words
from lib.draw.lessons import LessonGroups
from lib.draw.next_step import lessons_step
from lib.history.by_lessons import LessonSplit
from runner.cycle.held_against import split_sentence
from runner.cycle.manifest import Manifest
from runner.cycle.run_files import effects_of, json_of


class Message(NamedTuple):
    """Sentences of a cycle; the first of `happened` is what a reader takes along, `sure` says how sure that is."""

    happened: list[str]
    sure: list[str]
    proven: list[str]
    told: str
    changed: str
    tested: str = ""  #: where the newest experiment stands; "" where none was begun
    step: str = ""  #: what to do next, "What to do: ..."
    money: str = ""  #: where the window's money went, by the lessons to act on; "" where that says nothing
    since: str = ""  #: what became of all lessons ever proven; "" where that is not known
    followed: str = (
        ""  #: which followed questions were asked, and which of them gave nothing; "" where none is followed
    )

    @property
    def short_step(self) -> str:
        """The next step, where it is none only the sentence that says so."""
        first, stop, _ = self.step.partition(". ")
        return f"{first}{stop.strip()}" if self.step.startswith(f"{STEP}nothing") else self.step


class Picture(NamedTuple):
    """A picture of an executed notebook: its PNG in base64, and the words that stand for it."""

    data: str
    alt: str


def message_of(manifest: Manifest, lessons: LessonGroups | None = None) -> Message:
    """What a cycle has to say, by its manifest and its lessons; of an older one as far as it kept the figures."""
    figures = manifest.headline
    act_on, proven = figures.get("lessons_to_act_on"), figures.get("proven_lessons")
    return Message(
        *_happened(manifest),
        lessons_finding(act_on, proven, figures.get("hypotheses"), lessons.no_advice if lessons else ""),
        told_sentence(act_on, manifest.prompt_held_since),
        change_finding(manifest.prompt_change),
        figures.get("experiment") or "",
        _step(manifest, lessons),
        split_sentence(_split(manifest), Coin.of(manifest.source)),
        _since(figures),
        followed_sentence(manifest.followed),
    )


def _since(figures: Mapping[str, Any]) -> str:
    ended = figures.get("lessons_ended"), figures.get("lessons_no_longer_true")
    return since_words(figures.get("lesson_verdicts") or {}, *ended)


def _split(manifest: Manifest) -> LessonSplit | None:
    with suppress(ValidationError):
        return LessonSplit.read(manifest.headline.get("by_lessons"))
    return None


def _step(manifest: Manifest, lessons: LessonGroups | None) -> str:
    figures, nearest = manifest.headline, lessons.nearest if lessons else []
    act_on = figures.get("lessons_to_act_on")
    if act_on is None and manifest.status == "ok":
        return ""  # of an older version, which kept no such figure
    return lessons_step(
        act_on,
        state=str(figures.get("experiment_state") or ""),
        held=bool(manifest.prompt_held_since),
        synthetic=bool(manifest.source.get("synthetic")),
        needs=f"{nearest[0].statement} {nearest[0].needs}".rstrip() if nearest else "",
    )


def followed_sentence(followed: Mapping[str, str]) -> str:
    """Which questions of one's own were asked (name → why one gave nothing, "" where it did not); "" for none."""
    if not followed:
        return ""
    asked = [name for name, error in followed.items() if not error]
    silent = [name for name, error in followed.items() if error]
    said = [f"Asked of the new candles: {', '.join(asked)}."] if asked else []
    said += [f"Gave nothing, and their lessons are withheld: {', '.join(silent)}."] if silent else []
    return " ".join(said)


def _happened(manifest: Manifest) -> Found:
    figures, source = manifest.headline, manifest.source
    if not isinstance(figures.get("trades"), int) or not isinstance(figures.get("net_pnl"), int | float):
        return Found(["What was traded is not known.", "The analysis of the trades gave no result."], [])
    overall = GroupStats(total=0, wins=0, win_rate=None)
    with suppress(ValidationError):
        overall = GroupStats.read(figures.get("overall"))
    return figures_finding(
        figures["trades"],
        figures["net_pnl"],
        figures.get("gross_pnl"),
        overall,
        figures.get("breakeven_win_rate"),
        str(source.get("decisions", "")),
        Coin.of(source),
    )


def lessons_of(run_dir: Path) -> LessonGroups | None:
    """The lessons of a cycle's insights, with what became of them; None where there are none that can be read."""
    try:
        return LessonGroups(json_of(run_dir / INSIGHTS_FILE), effects_of(run_dir))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def first_picture(notebook: Path) -> Picture | None:
    """The first picture of an executed notebook, which shows its finding; None where it has none."""
    try:
        cells = json.loads(file_text(notebook))["cells"]
    except (OSError, ValueError, KeyError):
        return None
    for output in (output for cell in cells for output in cell.get("outputs", [])):
        data = "".join(output.get("data", {}).get("image/png", "")).strip()
        with suppress(ValueError):
            if data and base64.b64decode(data, validate=True):
                alt = output.get("metadata", {}).get("image/png", {}).get("alt")
                return Picture(data, str(alt or "Chart"))
    return None
