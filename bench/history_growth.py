"""What an hour's cycle costs after a day, a month and a year of 10-second data, the window being the same: its time, the processors'
time that goes into it (which other work on the machine hardly changes), and its memory.

The folders are those of `bench.years`: 24 hours whose rows are the same bytes. What has grown before them is the CSVs, the history with
a record for every hour, and the outputs with every cycle that pruning keeps. A measured cycle is the next hour's in all of them, run from
a kept warm server, which leaves the least beside which growth could hide. Afterwards its folder is put back to what it was.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.command import check_ended, cycle_command, kept_server
from bench.measure import Figures, children_cpu_s, peak_bytes, process_seconds
from bench.past_cycles import HOUR, kept_cycles, write_cycles, write_history
from bench.years import END, write_years
from lib.analysis.past_events import SETUP_OUTCOMES_FILE, keep_past_events
from lib.contract.schema import HISTORY_FILE, INSIGHTS_FILE, PROMPT_FILE
from lib.contract.times import iso
from lib.lessons.eras import LEDGER_FILE
from lib.market.costs import DEFAULT_COSTS
from lib.market.exits import STANDARD
from runner.cycle.index import LATEST
from runner.cycle.manifest import read_manifests
from runner.cycle.stages import DEFAULT_LOOKBACK_HOURS

SPANS = {1: "1 day", 30: "30 days", 365: "1 year"}
TIMED, WEIGHED = 5, 3
#: Flat: at most so many times the figure of the shortest span.
FLAT = 1.2
FREE_BYTES = 5 * 10**9
PUBLISHED = (INSIGHTS_FILE, PROMPT_FILE)
#: What a cycle moves on beside its history. The ledger is the shortest span's in all of them, so that all tell the same; what its own
#: growth costs is `ledger_growth`.
MOVED = (*PUBLISHED, LEDGER_FILE)


@dataclass(frozen=True)
class Before:
    """What the cycle of the hour before END published, left and recorded."""

    data: Path
    run_dir: Path
    record: str


@dataclass(frozen=True)
class Place:
    """A data folder and its outputs as the hour before END has left them."""

    data: Path
    outputs: Path
    history_bytes: int
    cycles: list[str]
    setups: bytes  #: what was kept of earlier setups

    def put_back(self, before: Before) -> dict[str, object]:
        """Undo the one cycle that was run; returns what it read and what it published. Raises RuntimeError where it did anything else."""
        history = self.data / HISTORY_FILE
        with history.open("rb") as file:
            file.seek(self.history_bytes)
            records = file.read().count(b"\n")
        added = [found for found in read_manifests(self.outputs) if found.cycle not in self.cycles]
        if records != 1 or len(added) != 1:
            raise RuntimeError(f"{self.data}: {records} records and {len(added)} cycles were added, not one")
        check_ended(added[0])
        os.truncate(history, self.history_bytes)
        run_dir = self.outputs / added[0].cycle
        found: dict[str, object] = {name: (run_dir / name).read_text(encoding="utf-8") for name in PUBLISHED}
        found[INSIGHTS_FILE] = without_learnable(str(found[INSIGHTS_FILE]))
        found |= {name: entry["sha256"] for name, entry in added[0].inputs.items()}
        shutil.rmtree(run_dir)
        write_cycles(self.outputs, self.cycles, before.run_dir)
        copy_published(before.data, self.data)
        (self.data / SETUP_OUTCOMES_FILE).write_bytes(self.setups)
        return found


def without_learnable(insights: str) -> dict[str, object]:
    """What all spans must publish alike: the insights but for what was learned of the days before the window, which the first day lacks."""
    told = json.loads(insights)
    del told["optimal_comparison"]["learnable"]
    return told


def run(
    folder: Path, spans: Sequence[int] = tuple(SPANS), timed: int = TIMED, weighed: int = WEIGHED
) -> Figures:
    """Cycles of all spans in turns, the first round uncounted; all must read the same rows and publish the same."""
    free = shutil.disk_usage(folder).free
    if max(spans) > 30 and free < FREE_BYTES:
        raise RuntimeError(
            f"{folder}: {free / 1e9:.1f} GB are free, a year takes {FREE_BYTES / 1e9:.0f}; TMPDIR chooses another disk"
        )
    write_years({days: folder / f"data-{days}" for days in spans})
    with kept_server() as (environment, server):
        before = hour_before(folder, min(spans), environment)
        places = {days: prepare(folder, days, before) for days in spans}
        seconds: dict[int, list[float]] = {days: [] for days in spans}
        processors: dict[int, list[float]] = {days: [] for days in spans}
        peaks: dict[int, list[int]] = {days: [] for days in spans}
        for turn in range(1 + timed + weighed):
            found = []
            for days, place in places.items():
                command = cycle_command(place.data, place.outputs, iso(END))
                if turn <= timed:
                    spent = children_cpu_s(server.pid)
                    seconds[days].append(process_seconds(command, environment))
                    processors[days].append(children_cpu_s(server.pid) - spent)
                else:
                    peaks[days].append(peak_bytes(command, environment, server.pid))
                found.append(place.put_back(before))
            if any(other != found[0] for other in found):
                raise RuntimeError(f"the spans {list(spans)} read other rows, or publish other insights")
    cycle_s = {days: median(seconds[days][1:]) for days in spans}
    cpu_s = {days: median(processors[days][1:]) for days in spans}
    peak_mb = {days: median(peaks[days]) / 1e6 for days in spans}
    found = told({"cycle_s": cycle_s, "cpu_s": cpu_s, "peak_mb": peak_mb})
    return {
        "history_growth": found
        | {"cycles_listed": {span(days): len(place.cycles) for days, place in places.items()}}
    }


def hour_before(folder: Path, days: int, environment: Mapping[str, str]) -> Before:
    """Run the two cycles before, in the folder of so many days: the second has one to compare itself with."""
    data, outputs = folder / f"data-{days}", folder / "outputs-before"
    for hours in (2, 1):
        process_seconds(cycle_command(data, outputs, iso(END - hours * HOUR)), environment)
    kept = folder / "data-before"
    kept.mkdir()
    copy_published(data, kept)
    record = (data / HISTORY_FILE).read_text(encoding="utf-8").splitlines()[-1]
    return Before(kept, (outputs / LATEST).resolve(), record)


def prepare(folder: Path, days: int, before: Before) -> Place:
    """Give the data folder of so many days the history and the outputs of its hours."""
    data, outputs = folder / f"data-{days}", folder / f"outputs-{days}"
    outputs.mkdir()
    write_history(data / HISTORY_FILE, before.record, days * 24, END - HOUR)
    copy_published(before.data, data)
    cycles = kept_cycles(days * 24, datetime.now(UTC))
    write_cycles(outputs, cycles, before.run_dir)
    start = END - HOUR - DEFAULT_LOOKBACK_HOURS * HOUR
    keep_past_events(data, start, start, STANDARD, DEFAULT_COSTS)
    setups = (data / SETUP_OUTCOMES_FILE).read_bytes()
    return Place(data, outputs, (data / HISTORY_FILE).stat().st_size, cycles, setups)


def copy_published(source: Path, target: Path) -> None:
    """Copy what the live loop is told, and the ledger."""
    for name in MOVED:
        shutil.copy(source / name, target / name)


def told(figures: Mapping[str, Mapping[int, float]]) -> dict[str, object]:
    """Each figure by span, its ratio to that of the shortest, and whether all are flat."""
    found: dict[str, object] = {}
    highest = 0.0
    for name, by_days in figures.items():
        first = by_days[min(by_days)]
        found[name] = {span(days): round(value, 3) for days, value in by_days.items()}
        ratios = {span(days): round(value / first, 3) for days, value in by_days.items()}
        found[f"{name.partition('_')[0]}_ratio"] = ratios
        highest = max(highest, *ratios.values())
    return found | {"flat_within_20_percent": highest <= FLAT}


def span(days: int) -> str:
    """What a span is called."""
    return SPANS.get(days, f"{days} days")
