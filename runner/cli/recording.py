"""`ribbon import-recording`: an old 87-column recording into the CSVs of a trading_data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lib import paths
from runner.cli.backfill import show
from runner.cli.options import ZONE, AsJson, TradingData


def recording_command(
    folder: Annotated[
        Path, typer.Argument(help="Folder with ema_data_*.csv and claude_decisions.csv, plain or .gz.")
    ],
    timezone: Annotated[str, typer.Option(help=ZONE)],
    trading_data: TradingData = None,
    as_json: AsJson = False,
) -> None:
    """Convert an old recording: samples, decisions, and candles made of the samples."""
    from runner.fetch.recording import import_recording

    show(import_recording(folder, timezone, paths.trading_data(trading_data), quiet=as_json), as_json)
