"""`ribbon lessons`: what the evidence says, one lesson in full, a person's choices about them, and the ledger rebuilt.

Looking changes nothing. A choice goes into `lesson_choices.jsonl` and is respected by the next cycle's prompt addition.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lib.errors import ParameterError
from runner.cli.options import AsJson, TradingData, answer, data_folder
from runner.cli.values import lesson_ids
from runner.terminal.gate import say

if TYPE_CHECKING:
    from lib.lessons.evidence import Snapshot

Name = Annotated[
    str,
    typer.Argument(
        help="The lesson's id, as `ribbon lessons list` shows it.",
        autocompletion=lesson_ids,
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands to `ribbon lessons`."""
    app.command("list")(_list_lessons)
    app.command("show")(show)
    for action, help_ in _CHOICES.items():
        app.command(action, help=help_)(_chooser(action))
    app.command("rebuild")(rebuild)


_CHOICES = {
    "pin": "Always print a lesson in the prompt addition, as what it is: an unproven one says so.",
    "unpin": "Take a pin back.",
    "veto": "Never tell Claude a lesson, proven or not.",
    "unveto": "Take a veto back.",
    "retire": "End a lesson for good; the question is not asked again.",
}


def _list_lessons(
    trading_data: TradingData = None,
    every: Annotated[
        bool, typer.Option("--all", help="All that have seen a trade, not only the nearest.")
    ] = False,
    terms: Annotated[
        str,
        typer.Option(
            metavar="KEY", help="Of earlier terms, as they ended; a wrong key names those there are."
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """What the evidence says, and the lessons with what they still need."""
    from lib.lessons.choices import choices_warning
    from lib.lessons.listing import lessons_parts

    folder = data_folder(trading_data)
    if warning := choices_warning(folder):
        say(warning)
    found = _of_terms(folder, terms) if terms else _standing(folder)
    answer(lessons_parts(found, every), found.model_dump(mode="json"), as_json)


def show(name: Name, trading_data: TradingData = None, as_json: AsJson = False) -> None:
    """All that is known of one lesson, and how its status changed."""
    from lib.lessons.eras import LEDGER_FILE
    from lib.lessons.listing import lesson_text
    from lib.lessons.store import LedgerStore

    folder = data_folder(trading_data)
    lesson = _known(_standing(folder), name)
    with LedgerStore.open_file(folder / LEDGER_FILE, writable=False) as store:
        _advanced(store, folder)
        number = next(row.k for row in store.snapshots(_END) if row.id == name)
        course = store.course(number)
    changes = [
        (_time(at), status, why)
        for before, row in zip([None, *course], course, strict=False)
        for at, status, why in _steps(before, row)
    ]
    told = [dict(zip(("at", "status", "why"), change, strict=True)) for change in changes]
    shown = lesson.model_dump(mode="json") | {"changes": told}
    answer(lesson_text(lesson, course, changes).splitlines(), shown, as_json)


def _steps(before: Snapshot | None, row: Snapshot) -> Iterator[tuple[int, str, str]]:
    """What a row of the ledger changed: the status, or that a proven lesson is not too small any more."""
    if before is None or before.status != row.status:
        yield row.at, row.status, row.why
    elif row.large and not before.large:
        yield row.large, row.status, "size"


def _chooser(action: str) -> Any:
    def choose(name: Name, trading_data: TradingData = None, as_json: AsJson = False) -> None:
        import pandas as pd

        from lib.contract.times import iso
        from lib.lessons.choices import add_choice
        from lib.prompt.hold import load_hold
        from runner.cycle.choices import choices_file
        from runner.cycle.lock import cycle_lock

        folder = data_folder(trading_data)
        # A cycle at work would end a lesson at another hour than the one that the choice names.
        with cycle_lock(folder, folder) if action == "retire" else nullcontext(), choices_file(folder):
            found = _standing(folder)
            lesson = _known(found, name)
            if action == "retire" and lesson.status == "ended":
                raise ParameterError(f"{name} has ended already: {lesson.status_words}")
            if changes := not _is_so(lesson, action):
                add_choice(folder, action, name, iso(pd.Timestamp(datetime.now(UTC))), found.summary.head)
        words = _chosen(action, lesson, changes, bool(load_hold(folder)))
        answer([words], {"action": action, "lesson": name, "changed": changes}, as_json)

    return choose


def _chosen(action: str, lesson: Any, changes: bool, holds: bool) -> str:
    if not changes:
        return f"{lesson.id} is so already: nothing was changed"
    silent = "; it is vetoed, which is stronger" if action == "pin" and lesson.vetoed else ""
    held = "; Claude is told a prompt you hold until `ribbon lessons rollback --release`" if holds else ""
    return f"{action}: {lesson.id}; the next `ribbon cycle` respects it{silent}{held}"


def rebuild(trading_data: TradingData = None, as_json: AsJson = False) -> None:
    """Make the ledger anew from the data and the choices, say what differs, and keep the new one."""
    from rich.progress import Progress

    from lib.lessons.rebuilding import rebuild_ledger
    from runner.cycle.lock import cycle_lock
    from runner.terminal.console import console

    folder = data_folder(trading_data)
    with (
        cycle_lock(folder, folder),
        Progress(console=console()) as bar,
    ):
        task = bar.add_task("rebuilding, hour by hour", total=None)
        found = rebuild_ledger(folder, lambda done, all_: bar.update(task, completed=done, total=all_))
    answer([found.words], found._asdict(), as_json)


_END = 2**62


def _standing(folder: Path) -> Any:
    """The lessons at the ledger's head, without taking in anything new."""
    import pandas as pd

    from lib.lessons.choices import load_choices
    from lib.lessons.compiling import compile_lessons
    from lib.lessons.eras import LEDGER_FILE
    from lib.lessons.followed import unanswered_questions
    from lib.lessons.ledger_faults import no_ledger
    from lib.lessons.store import LedgerStore

    path = folder / LEDGER_FILE
    with LedgerStore.open_file(path, writable=False) as store:
        if not (head := store.head()):
            raise no_ledger(path)
        _advanced(store, folder)
        return compile_lessons(store, pd.Timestamp(head), load_choices(folder), unanswered_questions(folder))


def _of_terms(folder: Path, key: str) -> Any:
    """The lessons of an era of the folder, at its end; of the newest one as they stand."""
    from lib.lessons.advance import ended, ended_ledger
    from lib.lessons.choices import load_choices
    from lib.lessons.compiling import compile_lessons
    from lib.lessons.eras import era_named, eras_of

    eras = eras_of(folder)
    era = era_named(eras, key)
    say(era.words())
    if (end := ended(eras, era)) is None:
        return _standing(folder)
    with ended_ledger(folder, era, end) as store:
        return compile_lessons(store, end, load_choices(folder))


def _advanced(store: Any, folder: Path) -> None:
    """Take in what was chosen since the ledger's last hour, on a reader's copy alone."""
    import pandas as pd

    from lib.lessons.advance import advance

    advance(store, folder, pd.Timestamp(store.head()))


def _is_so(lesson: Any, action: str) -> bool:
    """Whether a choice would change nothing."""
    so = {
        "pin": lesson.pinned,
        "unpin": not lesson.pinned,
        "veto": lesson.vetoed,
        "unveto": not lesson.vetoed,
    }
    return so.get(action, False)


def _known(found: Any, name: str) -> Any:
    import difflib

    lessons = {lesson.id: lesson for lesson in found.lessons}
    if name not in lessons:
        near = difflib.get_close_matches(name, lessons, n=1)
        hint = f"; did you mean {near[0]}?" if near else "; `ribbon lessons list --all` shows them"
        raise ParameterError(f"{name}: no such lesson that has seen a trade{hint}")
    return lessons[name]


def _time(at: int) -> str:
    import pandas as pd

    from lib.contract.times import iso

    return iso(pd.Timestamp(at, unit="us", tz="UTC")) if at else "start of the log"
