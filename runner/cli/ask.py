"""`ribbon ask`: a question of one's own, explored on the open part of a history, confirmed once on its sealed part, or followed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lib import paths
from lib.errors import MissingDataError, ParameterError
from runner.cli.options import AsJson, TradingData, answer, instant_of, interrupted
from runner.terminal.gate import say

if TYPE_CHECKING:
    from lib.questions.file import Question
    from runner.ask.explore import Stretch

HELP = """Ask a question of your own: a small Python file that says LONG, SHORT or nothing of each closed 5-minute candle.

Without --confirm the open part of the history is explored, as often as you like: what it made after costs, beside entries at random
times and buying and holding. That proves nothing. With --confirm the sealed part, the newest 30 % at the first ask and all that comes
later, is asked once and spends a level of its own. With --keep it is followed: each cycle of the folder asks it from then on, at a level of
its own, and once it is proven on what came later, Claude is told. The folder keeps what was asked; it is made if it is not there.

Exit codes: 0 it was asked; 2 an option is off; 3 the question breaks a rule, fails, or looks ahead, or a data file is off; 4 no row; 130
interrupted."""


def ask_command(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="The question: a Python file, as in notebooks/questions/."),
    ] = None,
    trading_data: TradingData = None,
    candles: Annotated[
        Path | None, typer.Option(help="A file of candles to ask of, in place of the folder's own.")
    ] = None,
    symbol: Annotated[
        str, typer.Option(help="The market of --candles, where the file does not say it.")
    ] = "",
    since: Annotated[
        str, typer.Option(help="Only entries after this time, e.g. 2025-05-01 (its midnight in UTC).")
    ] = "",
    until: Annotated[str, typer.Option(help="Only what was known until this time.")] = "",
    prove: Annotated[
        bool,
        typer.Option(
            "--prove", help="Check every row for looking ahead, not 200: minutes to hours, no time limit."
        ),
    ] = False,
    confirm: Annotated[
        bool,
        typer.Option(
            "--confirm", help="Open the sealed part for this question, once; spends a level for good."
        ),
    ] = False,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep", help="Let each cycle of the folder ask it from now on; spends a level for good."
        ),
    ] = False,
    drop: Annotated[
        str, typer.Option(metavar="NAME", help="Follow the question of this name no longer.")
    ] = "",
    every: Annotated[
        bool, typer.Option("--list", help="Show what was confirmed and is followed, and what is left.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Explore, confirm or follow, and answer first in plain words."""
    from lib.questions.file import read_question

    folder = paths.trading_data(trading_data)
    if folder.exists() and not folder.is_dir():
        raise ParameterError(
            f"--trading-data {folder} is a file: it names the folder that keeps what was asked. A file of candles is named with --candles"
        )
    if every or drop:
        if file is not None or confirm or keep or (every and drop):
            raise ParameterError(
                "--list and --drop NAME stand alone: they take no FILE, no --confirm and no --keep"
            )
        _drop(drop, folder, as_json) if drop else _list(folder, as_json)
        return
    if file is None:
        raise ParameterError("name the question's FILE, e.g. notebooks/questions/wick_rule.py; or --list")
    if confirm and keep:
        raise ParameterError(
            "--confirm opens the sealed part, --keep follows what comes from now on: ask for one of them"
        )
    if (confirm or keep) and (since or until):
        whole = (
            "--keep counts what comes from now on" if keep else "--confirm asks the whole sealed part, once"
        )
        raise ParameterError(f"{whole}: leave --since and --until out")
    question = read_question(file)
    if keep:
        if candles is not None or symbol:
            raise ParameterError(
                "--keep follows the folder's own candles, as they come in: leave --candles and --symbol out"
            )
        _keep(question, folder, prove, as_json)
        return
    stretch = _stretch(since, until)
    try:
        _run(question, folder, candles, symbol, stretch, prove, confirm, as_json)
    except KeyboardInterrupt:
        raise interrupted("the same command asks again") from None


def _list(folder: Path, as_json: bool) -> None:
    from lib.questions.record import read_record
    from runner.ask.words import listing

    answer(*listing(read_record(folder), folder), as_json)


def _drop(name: str, folder: Path, as_json: bool) -> None:
    from runner.ask.following import dropped_lines
    from runner.question.keep import drop_in_folder

    dropped = drop_in_folder(name, folder)
    answer(dropped_lines(dropped), {"dropped": [line.model_dump(mode="json") for line in dropped]}, as_json)


def _keep(question: Question, folder: Path, prove: bool, as_json: bool) -> None:
    from lib.contract.schema import CANDLE_FILES
    from lib.questions.history import folder_history
    from lib.questions.record import read_record
    from runner.ask.following import keeping_lines
    from runner.config import load_config
    from runner.question.keep import keep_in_folder

    config = load_config()
    terms, limits = config.section("terms"), config.section("cycle")
    read_record(folder)  # one that is damaged is told before seconds of reading
    if not (folder / CANDLE_FILES["5min"]).exists():
        raise MissingDataError(
            "the folder holds no candles of its own, so there is nothing to follow",
            path=folder,
            fix=f"Collect into it: `ribbon collect --trading-data {folder}`, or `ribbon up`. What a file brings is history, and --keep "
            "counts only what comes",
        )
    keeping = keep_in_folder(question, folder_history(folder), folder, terms, limits, prove, say)
    found = {"kept": keeping.kept.model_dump(mode="json"), "again": keeping.again}
    answer(keeping_lines(question, keeping, folder), found, as_json)


def _run(
    question: Question,
    folder: Path,
    candles: Path | None,
    symbol: str,
    stretch: Stretch,
    prove: bool,
    confirm: bool,
    as_json: bool,
) -> None:
    import pandas as pd

    from lib.questions.record import read_record
    from runner.ask.confirm import confirm_in_folder
    from runner.ask.explore import explore_in_folder
    from runner.ask.market import market_history
    from runner.ask.words import confirmation_lines, confirmation_summary, exploration_lines
    from runner.config import load_config

    config = load_config()
    terms, limits = config.section("terms"), config.section("cycle")
    read_record(folder)  # one that is damaged is told before seconds of reading
    history = market_history(folder, candles, symbol, pd.Timestamp.now("UTC").as_unit("us"))
    if confirm:
        answered = confirm_in_folder(question, history, folder, terms, limits, prove, say)
        answer(confirmation_lines(question, answered), confirmation_summary(answered), as_json)
        return
    found, record = explore_in_folder(question, history, folder, terms, stretch, limits, prove, say)
    answer(exploration_lines(found.record, record), found.record.model_dump(mode="json"), as_json)


def _stretch(since: str, until: str) -> Stretch:
    from runner.ask.explore import Stretch

    stretch = Stretch(
        instant_of(since, "--since") if since else None, instant_of(until, "--until") if until else None
    )
    if stretch.since is not None and stretch.until is not None and stretch.since >= stretch.until:
        raise ParameterError(f"--since {since} is not before --until {until}")
    return stretch
