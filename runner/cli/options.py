"""What commands share: the options that mean the same everywhere, in one wording, and how a command answers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lib import paths
from lib.contract.standing import not_a_file, not_a_folder, open_file, resolved
from lib.contract.text_table import TextTable
from lib.errors import MissingDataError, ParameterError
from runner.terminal.gate import say
from runner.terminal.table import show

if TYPE_CHECKING:
    import pandas as pd

TradingData = Annotated[
    Path | None, typer.Option(help="Folder of the collected data. [default: the repository's]")
]
Outputs = Annotated[
    Path | None, typer.Option(help="Folder that gets one folder per cycle. [default: the repository's]")
]
#: One wording for what means the same in several commands.
ZONE = "Zone of times that name none, e.g. UTC, Europe/Berlin or +01:00."
NEWEST = "How many of the newest cycles."
LOOKBACK = "Length of the window that ends at an as_of, hours."
Page = Annotated[Path | None, typer.Option(help="Write a page of it into this file as well.")]
#: What a command ends with where somebody stopped it (docs/reference/exit-codes.md).
_INTERRUPTED = 130
_PAGE = b"<!doctype html"  #: how every page begins
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout, words on stderr.")]


def answer(parts: Iterable[str | TextTable], found: Any, as_json: bool) -> None:
    """What was asked for to stdout: lines and tables, or with `as_json` what was found, as JSON on one line, and these to stderr."""
    for part in parts:
        show(part, err=as_json)
    if as_json:
        say(json.dumps(found, allow_nan=False), err=False)


def interrupted(what: str) -> typer.Exit:
    """The end of a command that somebody stopped, once it is told; `what`: how to begin again."""
    say(f"ribbon: interrupted; {what}")
    return typer.Exit(_INTERRUPTED)


def page_place(page: Path) -> Path:
    """The file, in full, for a page. Raises ParameterError where something else than a page stands there: it would be lost."""
    place = resolved(page)
    if place.is_file():
        with open_file(place) as there:
            begin = there.read(len(_PAGE))
        if begin and begin.lower() != _PAGE:
            raise ParameterError(
                f"--page {place}: a file stands there that is no page. Name another one, or move it away"
            )
    elif place.exists():
        raise ParameterError(f"--page {place}: {not_a_file(place)}. Name a file that is a page, or none yet")
    return place


def instant_of(text: str, option: str) -> pd.Timestamp:
    """The time that an option gives; a date alone is its midnight in UTC. ParameterError names the option."""
    from lib.contract.times import parse_bound

    try:
        return parse_bound(text)
    except ParameterError as error:
        raise ParameterError(f"{option}: {error}") from None


def refuse_idle(options: dict[str, Any], beside: str) -> None:
    """Raises ParameterError for an option that would do nothing, so that nobody takes it for done."""
    if given := [name for name, value in options.items() if value]:
        raise ParameterError(f"{', '.join(given)}: not with {beside}. Leave it out")


def data_folder(trading_data: Path | None) -> Path:
    """The folder asked for; MissingDataError where there is none."""
    folder = paths.trading_data(trading_data)
    if what := not_a_folder(folder):
        raise MissingDataError(what, path=folder, fix="Give the one that `ribbon cycle` works on")
    return folder
