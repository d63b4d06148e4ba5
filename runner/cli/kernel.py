"""`ribbon kernel`: kernels forked from a process that has the slow imports done, for JupyterLab and for the hourly cycle."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from lib.errors import RibbonError
from lib.paths import repository_root
from runner.cli.options import AsJson, answer

app = typer.Typer(
    help="Warm kernels: forked from a process that has the slow imports done.", no_args_is_help=True
)


@app.command()
def install(
    user: Annotated[
        bool, typer.Option(help="For this user, not only for this environment's Jupyter.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add the kernel "Ribbon Lab (warm)" to JupyterLab."""
    from runner.warm.kernelspec import install_kernelspec

    place = install_kernelspec(user=user)
    words = f"installed in {place}; choose «Ribbon Lab (warm)» in JupyterLab"
    answer([words], {"kernelspec": str(place)}, as_json)


@app.command()
def serve() -> None:
    """Keep a warm server, so that the hourly cycle and new kernels start at once. Runs until Ctrl-C; for a supervisor."""
    from runner.warm.address import server_socket, why_not
    from runner.warm.client import server_environment
    from runner.warm.server import KEPT

    reason = why_not()
    if reason:
        raise RibbonError(f"no server can be kept: {reason}")
    command = [sys.executable, "-m", "runner.warm.server", str(server_socket()), KEPT]
    os.chdir(
        repository_root()
    )  # a server without -P, so that its kernels import what lies beside a notebook, as any do
    os.execve(
        sys.executable, command, server_environment()
    )  # what held secrets is gone with this process image


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say whether a warm server is kept, and if there can be one at all."""
    from runner.warm.address import listens, server_socket, why_not

    place = server_socket()
    found = {"kept": listens(place), "socket": str(place), "reason": why_not()}
    words = (
        "a warm server is kept"
        if found["kept"]
        else "no warm server is kept: a cycle starts its own, in about five seconds"
    )
    line = f"no warm kernels: {found['reason']}" if found["reason"] else f"{words} ({place})"
    answer([line], found, as_json)
