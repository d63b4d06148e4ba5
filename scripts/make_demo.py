"""Make the demo of `make demo`: python -m scripts.make_demo FOLDER

A synthetic market of three weeks with edges planted in it, worked on by the six cycles of its last hours. The edges are so large that the
lessons about them do not depend on the seed: in each of the markets of the seeds 0 to 23 what is planted for good was told at the end, and
a lesson about what was planted for the first days alone had been proven and had ended. Run again it does what is missing, and the last
cycle; an older demo in the folder is replaced.
"""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd

from lib import paths
from lib.contract.times import iso, parse_instant
from lib.errors import RibbonError
from lib.history.log import load_history
from lib.simulation.end import DEFAULT_END
from runner.cli.cycle import summary_lines
from runner.cli.simulate import summary_lines as market_lines
from runner.config import load_config
from runner.cycle.cycle import Cycle, run_cycle
from runner.cycle.stages import Settings
from runner.fetch.simulated import Simulation, is_other_simulation, write_simulation
from runner.terminal.gate import open_gate, say
from runner.warm.client import server_ahead

EDGE_PCT = 0.15
#: The wicks' edge ends after this many of the days.
DAYS, WICK_DAYS = 21.0, 12.0
MARKET = Simulation(
    days=DAYS,
    seed=7,
    end=DEFAULT_END,
    step_seconds=60,
    decisions="simulated",
    edges={"LONG_BOTH_GREEN": EDGE_PCT, "LONG_WICK_DOWN": EDGE_PCT, "SHORT_WICK_UP": EDGE_PCT},
    spans={"LONG_WICK_DOWN": (0.0, WICK_DAYS), "SHORT_WICK_UP": (0.0, WICK_DAYS)},
)
CYCLES = 6


def make_market(folder: Path) -> None:
    """The demo's market in `folder`, whatever of it is there already. Raises DataError where the folder holds what nobody simulated."""
    if is_other_simulation(folder, MARKET):
        say(f"{folder} holds the market of an older demo: it is made anew")
        aside = folder.with_name(f".{folder.name}.old")
        shutil.rmtree(aside, ignore_errors=True)
        folder.rename(aside)  # at once, so that no interrupt leaves half of it
        shutil.rmtree(aside)
    for line in market_lines(write_simulation(MARKET, folder)):
        say(line)


def hours_to_run(folder: Path) -> list[str]:
    """The instants of the cycles that are missing, and the last one's, in order (ISO)."""
    last = parse_instant(MARKET.end)
    hours = [iso(last - pd.Timedelta(hours=back)) for back in reversed(range(CYCLES))]
    told = {record.timestamp for record in load_history(folder).records}
    return [hour for hour in hours[:-1] if hour not in told] + hours[-1:]


def run_cycles(folder: Path) -> Cycle:
    """Run the cycles that are missing, one after another on one standby server; the last one."""
    config = load_config()
    hours = hours_to_run(folder)
    with server_ahead():
        for number, as_of in enumerate(hours, start=CYCLES + 1 - len(hours)):
            settings = Settings(
                trading_data=folder,
                outputs=paths.outputs(),
                as_of=as_of,
                terms=config.section("terms"),
                **config.section("cycle").model_dump(),
            )
            started = time.monotonic()
            done = run_cycle(settings)
            done.raise_for_status()
            say(f"cycle {number} of {CYCLES}: known up to {as_of}, {time.monotonic() - started:.1f} s")
    return done


def main(folder: str) -> int:
    """Make the demo and say where it is; the exit code."""
    open_gate()
    started, place = time.monotonic(), Path(folder).resolve()
    try:
        make_market(place)
        done = run_cycles(place)
    except RibbonError as error:
        say(f"make demo: {error}")
        return error.exit_code
    took = time.monotonic() - started
    say(f"Made in {took:.0f} s, set-up not counted. The market is synthetic, and its edges were planted:")
    for line in summary_lines(done):
        say(line, err=False)
    say(f"  {(done.run_dir / 'index.html').as_uri()}", err=False)
    return 0


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main(*sys.argv[1:]))
    sys.exit(130)
