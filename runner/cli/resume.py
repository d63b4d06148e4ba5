"""`ribbon resume`: a person lifts a halt."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lib import paths


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("resume")(resume_command)


def resume_command(
    trading_data: Annotated[Path | None, typer.Option(help="Folder that the loop trades on.")] = None,
) -> None:
    """Lift the halt after a daily loss or a drawdown; both are measured anew from now on."""
    from runner.trade.clock import MachineClock
    from runner.trade.resume import resume

    typer.echo(resume(paths.trading_data(trading_data), MachineClock().now_us()), err=True)
