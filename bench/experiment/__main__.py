"""`python -m bench.experiment outputs/bench-experiment.json [--quick | --so-far]`: figures of experiments on simulated arms, kept as JSON.

`--quick` does a fiftieth of the runs, to see that everything works; its figures mean little. Finished runs are kept beside the target
(`<target>.runs`): an interrupted bench, called again, goes on. `--so-far` makes the figures of the finished runs and does no more.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.evidence.runs import CONFIDENCE, SEED, KeptRuns, benches
from bench.experiment.parts import harm_figures, null_figures, power_figures, quoted
from bench.measure import machine
from bench.parts import Finished, measure

QUICK = 0.02
#: Another number of how experiments are simulated or judged: kept runs of another one are done anew.
SIMULATION = 1
#: In this order: what is soon done first.
PARTS = {"power": power_figures, "harm": harm_figures, "nulls": null_figures}


def main(arguments: Sequence[str]) -> None:
    """Run everything, write the figures and print those that are quoted."""
    names = [name for name in arguments if not name.startswith("--")]
    if len(names) != 1 or len(arguments) > 2 or set(arguments) - {*names, "--quick", "--so-far"}:
        sys.exit(
            "give one target, for example outputs/bench-experiment.json, and --quick or --so-far if you like"
        )
    scale, processes = QUICK if "--quick" in arguments else 1.0, os.cpu_count() or 1
    stated = {"seed": SEED, "confidence": CONFIDENCE, "scale": scale, "processes": processes}
    target = Path(names[0])
    target.parent.mkdir(parents=True, exist_ok=True)
    kept = KeptRuns(target.with_name(f"{target.name}.runs"), {"seed": SEED, "simulation": SIMULATION})
    stated |= {"machine": machine()}
    if "--so-far" in arguments:
        found = measure(PARTS, Finished(kept=kept), target, stated, quoted)
    else:
        with benches(processes, scale, kept) as bench:
            found = measure(PARTS, bench, target, stated, quoted)
    print(
        f"verdicts in {100 * found['false_verdict_share']:.1f} % of {found['null_runs']} experiments without a difference; "
        f"{found['difference']} % found after {found['episodes_needed']} blocks (table: {found['episodes_table']}) and "
        f"{found['paired_needed']} pairs (table: {found['paired_table']}); {found['seconds']['all']:.0f} s"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
