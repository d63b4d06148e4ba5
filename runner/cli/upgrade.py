"""`ribbon upgrade`: a data folder and ribbon.toml of an older version brought up to date."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from lib import paths


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("upgrade")(upgrade_command)


def upgrade_command(
    trading_data: Annotated[Path | None, typer.Option(help="Folder of the collected data.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is old.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
) -> None:
    """Bring the files of an older version up to date. What they were is kept beside them; nothing that writes them may run."""
    from runner.config import config_path
    from runner.upgrade.steps import Place
    from runner.upgrade.upgrade import find_old, upgrade

    place = Place(paths.trading_data(trading_data), config_path())
    rows: list[dict[str, str]] = []
    if dry_run:
        rows = [{"path": str(old.path), "what": old.what} for old in find_old(place)]
    else:
        rows = [
            {"path": str(done.path), "what": done.what, "copy": str(done.copy)} for done in upgrade(place)
        ]
    for row in rows:
        kept = f"; as it was: {row['copy']}" if "copy" in row else ""
        typer.echo(f"{'old' if dry_run else 'brought up'}: {row['path']} ({row['what']}){kept}", err=True)
    if not rows:
        typer.echo("nothing is old", err=True)
    if json_output:
        typer.echo(json.dumps({"dry_run": dry_run, "files": rows}))
