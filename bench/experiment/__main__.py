"""`python -m bench.experiment outputs/bench-experiment.json [--quick]`: all figures of experiments on simulated arms, kept as JSON.

`--quick` does a fiftieth of the runs, to see that everything works; its figures mean little. Finished runs are kept beside the target
(`<target>.runs`): an interrupted bench, called again, goes on.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.evidence.runs import CONFIDENCE, SEED, Bench, KeptRuns, benches
from bench.experiment.parts import harm_figures, null_figures, power_figures, quoted
from bench.measure import machine

QUICK = 0.02
#: Another number of how experiments are simulated or judged: kept runs of another one are done anew.
SIMULATION = 1
#: In this order: what is soon done first.
PARTS = {"power": power_figures, "harm": harm_figures, "nulls": null_figures}


def measure(bench: Bench, target: Path, stated: dict[str, Any]) -> dict[str, Any]:
    """Do all parts, and write what there is after each; `complete` says whether that is all."""
    found: dict[str, Any] = {}
    took: dict[str, float] = {}
    for place, (name, part) in enumerate(PARTS.items(), 1):
        begun = time.monotonic()
        print(f"part {place} of {len(PARTS)}: {name}", file=sys.stderr, flush=True)
        found |= part(bench)
        took[name] = round(time.monotonic() - begun, 1)  # of this call: what was kept takes no time
        complete = place == len(PARTS)
        seconds = took | {"all": round(sum(took.values()), 1)}
        kept = (
            (quoted(found) if complete else {}) | found | {"seconds": seconds, "complete": complete} | stated
        )
        target.write_text(f"{json.dumps(kept, indent=2)}\n", encoding="utf-8")
    return kept


def main(arguments: Sequence[str]) -> None:
    """Run everything, write the figures and print those that are quoted."""
    names = [name for name in arguments if not name.startswith("--")]
    if len(names) != 1 or set(arguments) - {*names, "--quick"}:
        sys.exit("give one target, for example outputs/bench-experiment.json, and --quick if you like")
    scale, processes = QUICK if "--quick" in arguments else 1.0, os.cpu_count() or 1
    stated = {"seed": SEED, "confidence": CONFIDENCE, "scale": scale, "processes": processes}
    target = Path(names[0])
    target.parent.mkdir(parents=True, exist_ok=True)
    kept = KeptRuns(target.with_name(f"{target.name}.runs"), {"seed": SEED, "simulation": SIMULATION})
    with benches(processes, scale, kept) as bench:
        found = measure(bench, target, stated | {"machine": machine()})
    print(
        f"verdicts in {100 * found['false_verdict_share']:.1f} % of {found['null_runs']} experiments without a difference; "
        f"{found['difference']} % found after {found['episodes_needed']} blocks (table: {found['episodes_table']}) and "
        f"{found['paired_needed']} pairs (table: {found['paired_table']}); {found['seconds']['all']:.0f} s"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
