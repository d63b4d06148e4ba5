"""`ribbon upgrade`: a data folder and ribbon.toml of an older version brought up to date."""

from __future__ import annotations

from typing import Annotated

import typer

from lib import paths
from runner.cli.options import AsJson, TradingData, answer, data_folder


def upgrade_command(
    trading_data: TradingData = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is old.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the files of an older version up to date. What they were is kept beside them; nothing that writes them may run.

    Variables with an old name are only told.
    """
    from runner.config import config_path, old_variables
    from runner.upgrade.steps import Place
    from runner.upgrade.upgrade import find_old, upgrade

    # A folder that was named wrongly is not one in which nothing is old.
    folder = data_folder(trading_data) if trading_data else paths.trading_data()
    place = Place(folder, config_path())
    if dry_run:
        rows = [{"path": str(old.path), "what": old.what} for old in find_old(place)]
    else:
        rows = [
            {"path": str(done.path), "what": done.what, "copy": str(done.copy)} for done in upgrade(place)
        ]
    variables = old_variables(place.config)
    lines = [
        f"{'old' if dry_run else 'brought up'}: {row['path']} ({row['what']})"
        + (f"; as it was: {row['copy']}" if "copy" in row else "")
        for row in rows
    ]
    lines += [f"to be changed by hand: {told}" for told in variables]
    answer(lines or ["nothing is old"], {"dry_run": dry_run, "files": rows, "variables": variables}, as_json)
