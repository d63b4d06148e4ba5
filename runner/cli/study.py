"""`ribbon study`: questions asked of many markets, by the processes of this machine or by a cluster's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lib import paths
from lib.errors import ParameterError
from runner.cli.options import AsJson, Outputs, TradingData, answer
from runner.terminal.gate import say

HELP = """Ask questions of many markets: questions × markets × terms × periods of STUDY.toml, each cell a job.

It explores the open parts, unless the file says confirm = true: then every cell of the sealed parts spends a level, for good. Jobs run in
processes of this machine, or with --cluster on a Dask cluster that is there. What has an answer is kept, in outputs/studies/NAME, and not
done again; Ctrl-C keeps it too, and the same command goes on. The folder of --trading-data keeps what was asked, as `ribbon ask` does.

Exit codes: 0 every job has its answer; 17 some were refused; 2 an option is off; 3 a question's or a data file is off; 12 STUDY.toml is
off; 16 the cluster went away; 130 interrupted."""


def study_command(
    file: Annotated[
        Path, typer.Argument(metavar="STUDY.toml", help="The study: docs/guide/studies.md shows one.")
    ],
    trading_data: TradingData = None,
    outputs: Outputs = None,
    processes: Annotated[
        int, typer.Option(min=0, max=256, help="Processes of this machine. [default: its cores less one]")
    ] = 0,
    cluster: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Run on this Dask cluster, e.g. tcp://10.0.0.5:8786.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Run a study, or what is left of it, and answer with its table; the page is written beside it."""
    from runner.config import load_config
    from runner.errors import StudyUnfinished
    from runner.processes.interruption import Interruption
    from runner.study.run import Means, run_study
    from runner.study.words import study_lines

    if processes and cluster:
        raise ParameterError("--processes is for this machine, --cluster for another's: give one of them")
    config = load_config()
    with Interruption() as stopped:
        found, folder = run_study(
            file,
            paths.trading_data(trading_data),
            paths.outputs(outputs) / "studies",
            config.section("terms"),
            config.section("cycle"),
            Means(processes, cluster),
            stopped,
            say,
        )
    answer(study_lines(found, folder), found.model_dump(mode="json"), as_json)
    left = sum(cell.state in ("refused", "open") for cell in found.cells)
    if left:
        raise StudyUnfinished(
            f"{left:,} of {len(found.cells):,} jobs have no answer; the table says why. What is mended is tried again by the same command"
        )
