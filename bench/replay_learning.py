"""`ribbon replay` with every simulated hour learned from: 1-minute data of a synthetic market, the rule decider, all cores.

In simulated hours a second by the clock, the command's start and what its workers import inside: hours enough that these weigh little.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.command import BIN, plain_environment
from bench.measure import Figures, process_seconds
from bench.years import END
from lib.contract.times import iso
from runner.fetch.simulated import Simulation, write_simulation

HOURS = 168


def run(folder: Path, hours: int = HOURS) -> Figures:
    """Replay the last `hours` of a market that begins two days before them."""
    data = folder / "data"
    write_simulation(Simulation(days=hours / 24 + 2, seed=7, end=iso(END), step_seconds=60, gaps=0), data)
    span = ["--from", iso(END - pd.Timedelta(hours=hours)), "--to", iso(END)]
    command = [str(BIN / "ribbon"), "replay", "--trading-data", str(data), *span, "--decider", "rules"]
    took = process_seconds([*command, "--outputs", str(folder / "out")], plain_environment())
    return {
        "replay_learning": {"hours": hours, "seconds": round(took, 2), "hours_per_s": round(hours / took, 2)}
    }
