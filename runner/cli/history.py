"""`ribbon history`: what the cycles found over time, as text for people or as one JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from runner.cli.options import NEWEST, AsJson, TradingData, answer, data_folder

if TYPE_CHECKING:
    from lib.history.lesson_effects import LessonEffect
    from lib.history.log import History


def history(
    trading_data: TradingData = None,
    last: Annotated[int, typer.Option(min=1, help=NEWEST)] = 10,
    as_json: AsJson = False,
) -> None:
    """Show the learning cycles recorded so far: the newest ones, week by week, what changed, and what became of each lesson."""
    from lib.history.lesson_effects import effects_at
    from lib.history.log import load_history
    from lib.history.report import report_parts

    folder = data_folder(trading_data)
    found = load_history(folder)
    effects = effects_at(folder, found.records[-1].at) if found.records else []
    parts = report_parts(found.records, last, len(found.set_aside), effects)
    answer(parts, _listing(found, last, effects), as_json)


def _listing(found: History, last: int, effects: list[LessonEffect]) -> dict[str, Any]:
    from lib.history.lesson_effects import CAVEAT, verdict_counts
    from lib.history.trends import weekly

    weeks = weekly(found.records).reset_index().astype(object)
    return {
        "cycles": len(found.records),
        "set_aside": len(found.set_aside),
        "records": [record.model_dump(mode="json") for record in found.records[-last:]],
        "weeks": weeks.where(weeks.notna(), None).to_dict(orient="records"),
        "lessons": {
            "caveat": CAVEAT,
            "verdicts": verdict_counts(effects),
            "effects": [effect.model_dump(mode="json") for effect in effects],
        },
    }
