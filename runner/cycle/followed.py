"""Followed questions in a cycle: asked before it compiles; what went wrong with one is said, and stops nothing."""

from __future__ import annotations

from collections.abc import Callable

from lib.contract.times import parse_instant
from lib.questions.record import record_path
from runner.cycle.manifest import Manifest
from runner.cycle.stages import Settings


def ask_followed(settings: Settings, manifest: Manifest, stop: Callable[[], bool]) -> None:
    """Ask the folder's followed questions of the hour's rows (runner.question.follow), and note in the manifest how each went.

    The caller holds the cycle's lock. Raises KeyboardInterrupt where `stop` says so.
    """
    if not record_path(settings.trading_data).exists():
        return
    from runner.question.follow import follow_questions

    try:
        asked = follow_questions(settings.trading_data, parse_instant(manifest.as_of), settings, stop)
    except Exception as error:  # the notebooks still have something to say without it
        manifest.warnings.append(
            f"the followed questions were not asked, and their lessons are withheld until they are: {type(error).__name__}: {error}"
        )
        return
    manifest.followed = {each.question: each.error for each in asked}
    manifest.warnings += [
        f"followed question {each.question} gave nothing, and its lesson is withheld until it does: {each.error}"
        for each in asked
        if each.error
    ]
