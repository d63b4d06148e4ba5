"""How many hours a second a new ledger takes in of data that is there already, of processor time on one core.

`hours_per_s` is the slower of samples of one minute and of five, `hours_per_s_10s` of ten seconds; each with its own candles, and the
decisions of the rule decider.
"""

from __future__ import annotations

from pathlib import Path

from bench.command import BIN, plain_environment
from bench.ledger_growth import hours_per_second
from bench.measure import Figures, process_seconds
from bench.years import END
from lib.contract import schema
from lib.contract.times import iso
from runner.fetch.simulated import Simulation, write_simulation

#: Days of a market of 60-second samples, and of one of 10-second samples.
DAYS = 31
DAYS_10S = 7


def run(folder: Path, days: float = DAYS, days_10s: float = DAYS_10S) -> Figures:
    """Catch up over a simulated market of each step; that of five minutes is made of the candles of that of one."""
    fine, minutes, coarse = (folder / name for name in ("10s", "1min", "5min"))
    for step, length, data in ((10, days_10s, fine), (60, days, minutes)):
        write_simulation(Simulation(days=length, seed=7, end=iso(END), step_seconds=step, gaps=0), data)
    candles = ["--candles", str(minutes / schema.CANDLE_FILES["5min"]), "--trading-data", str(coarse)]
    process_seconds([str(BIN / "ribbon"), "backfill", *candles, "--policy", "rules"], plain_environment())
    rates = {data: hours_per_second(data)["hours_per_cpu_second"] for data in (fine, minutes, coarse)}
    return {
        "catch_up": {
            "hours_per_s": min(rates[minutes], rates[coarse]),
            "hours_per_s_10s": rates[fine],
        }
    }
