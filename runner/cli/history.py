"""`ribbon history`: what the cycles found over time, as text for people or as one JSON object."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from lib import paths
from lib.errors import MissingDataError
from lib.learning.history import History, load_history
from lib.learning.history_report import text_report
from lib.learning.lesson_history import CAVEAT, LessonEffect, effects_at, verdict_counts
from lib.learning.trends import weekly


def register(app: typer.Typer) -> None:
    """Add the command to the `ribbon` application."""
    app.command("history")(history)


def history(
    trading_data: Annotated[Path | None, typer.Option(help="Folder of the collected data.")] = None,
    last: Annotated[int, typer.Option(min=1, help="How many of the newest cycles to show.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout, the text to stderr.")] = False,
) -> None:
    """Show the learning cycles recorded so far: the newest ones, week by week, and what changed, and what followed each lesson."""
    folder = paths.trading_data(trading_data)
    if not folder.is_dir():
        raise MissingDataError(
            "there is no such folder", path=folder, fix="Give the one that `ribbon cycle` works on"
        )
    found = load_history(folder)
    effects = effects_at(folder, found.records[-1].at) if found.records else []
    typer.echo(text_report(found.records, last, len(found.set_aside), effects), nl=False, err=as_json)
    if as_json:
        typer.echo(json.dumps(_listing(found, last, effects), allow_nan=False))


def _listing(found: History, last: int, effects: list[LessonEffect]) -> dict[str, Any]:
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
