"""`ribbon serve`: a page to watch while it trades, with reports and documentation beside it."""

from __future__ import annotations

from typing import Annotated

import typer

from lib import paths
from runner.cli.options import AsJson, Outputs, TradingData, answer


def serve(
    trading_data: TradingData = None,
    outputs: Outputs = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65_535, help="Port of 127.0.0.1; 0: any that is free. [default: as configured]"
        ),
    ] = None,
    hide_token: Annotated[
        bool, typer.Option("--hide-token", help="Print the address without its token, for a log.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show on a page of this machine what is held, decided and learned, by itself up to date, until Ctrl-C. It only reads."""
    import asyncio

    from runner.config import load_config
    from runner.processes.interruption import Interruption
    from runner.serve.server import listen
    from runner.serve.server import serve as serve_site
    from runner.serve.site import Site
    from runner.serve.token import address_of, token_of
    from runner.serve.view import Viewer
    from runner.trade.clock import MachineClock

    config, folder = load_config(), paths.trading_data(trading_data)
    listening = listen(config.section("serve").port if port is None else port)
    token = token_of(folder)
    viewer = Viewer(folder, paths.outputs(outputs), *map(config.section, ("trade", "claude", "terms")))

    def ready(number: int) -> None:
        address = address_of(number, "" if hide_token else token)
        answer([f"{address}  (shows {folder}; Ctrl-C ends it)"], {"address": address}, as_json)

    with Interruption() as wants_end:
        asyncio.run(serve_site(Site(viewer, token, MachineClock().now_us), listening, ready, wants_end))
