"""`ribbon replay` with the rule decider over two days of a synthetic market of 10-second samples, in simulated hours per second."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.command import BIN, plain_environment
from bench.measure import Figures, process_seconds
from lib.contract.times import iso
from lib.data.window import newest_known_at

HOURS = 48


def run(folder: Path, hours: int = HOURS, days: int = 7) -> Figures:
    """Once with every simulated hour learned from, once without; the command's start is inside."""
    data = folder / "data"
    simulate = [str(BIN / "ribbon"), "simulate", "--trading-data", str(data)]
    process_seconds([*simulate, "--days", str(days), "--seed", "7"], plain_environment())
    end = newest_known_at(data)
    if end is None:
        raise RuntimeError("the simulated market is empty")
    span = ["--from", iso(end - pd.Timedelta(hours=hours)), "--to", iso(end)]
    command = [str(BIN / "ribbon"), "replay", "--trading-data", str(data), *span, "--decider", "rules"]
    found: dict[str, object] = {"hours": hours, "step_s": 10}
    for name, more in {"learning": [], "without_learning": ["--no-learn"]}.items():
        took = process_seconds([*command, "--outputs", str(folder / name), *more], plain_environment())
        found[name] = {"seconds": round(took, 2), "hours_per_s": round(hours / took, 2)}
    return {"replay": found}
