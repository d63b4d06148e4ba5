"""What commands share: the options that mean the same everywhere, in one wording, and how a command answers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from lib import paths
from lib.errors import MissingDataError
from runner.terminal.gate import say

TradingData = Annotated[
    Path | None, typer.Option(help="Folder of the collected data. [default: the repository's]")
]
Outputs = Annotated[
    Path | None, typer.Option(help="Folder that gets one folder per cycle. [default: the repository's]")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout, words on stderr.")]


def answer(lines: Iterable[str], found: Any, as_json: bool) -> None:
    """What was asked for to stdout: words for people, or with `as_json` what was found, as JSON on one line, and the words to stderr."""
    for line in lines:
        say(line, err=as_json)
    if as_json:
        say(json.dumps(found, allow_nan=False), err=False)


def data_folder(trading_data: Path | None) -> Path:
    """The folder asked for; MissingDataError where there is none."""
    folder = paths.trading_data(trading_data)
    if not folder.is_dir():
        raise MissingDataError(
            "there is no such folder", path=folder, fix="Give the one that `ribbon cycle` works on"
        )
    return folder
