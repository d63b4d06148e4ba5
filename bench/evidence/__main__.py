"""`python -m bench.evidence outputs/bench-evidence.json [--quick]`: all figures of lessons on simulated trades, kept as JSON.

`--quick` does a fiftieth of the runs, to see that everything works; its figures mean little. Finished runs are kept beside the target
(`<target>.runs`): an interrupted bench, called again, goes on.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench.evidence import ending, fees, null, power
from bench.evidence.answers import DECIDERS
from bench.evidence.runs import CONFIDENCE, SEED, Bench, KeptRuns, benches
from bench.measure import machine
from lib.lessons.store import METHOD

QUICK = 0.02
#: Another number of how trades and answers are simulated: kept runs of another one are done anew.
SIMULATION = 2
REPEATING = DECIDERS[1:]
#: In this order: what is quoted first, and years, which take longest, a few of them before all.
PARTS = {
    "null_week": partial(null.null_figures, name="null_week"),
    "null_4_weeks": partial(null.null_figures, name="null_4_weeks"),
    "first_null_years": partial(null.null_figures, name="null_year", runs=null.FIRST_YEARS),
    "repeated_week": partial(null.null_figures, name="null_week", deciders=REPEATING),
    "null_years": partial(null.null_figures, name="null_year"),
    "repeated_4_weeks": partial(null.null_figures, name="null_4_weeks", deciders=REPEATING),
    "planted": power.power_figures,
    "retirement": ending.ending_figures,
    "fees": fees.fee_figures,
    "looks": null.look_figures,
    "ablations": null.ablation_figures,
    "days": null.day_figures,
    "repeated_years": partial(null.null_figures, name="null_year", deciders=REPEATING),
}


#: How simulated spans are quoted.
SPANS = dict(zip(("week", "month", "year"), null.NULLS, strict=True))


def quoted(found: dict[str, Any]) -> dict[str, Any]:
    """What is quoted of the null weeks, months and years there are, under the names that docs/reference/evidence-figures.md uses."""
    told = {name: found[key] for name, key in SPANS.items() if key in found}
    if "week" not in told:
        return {}
    return {
        "null_weeks": told["week"]["runs"],
        "false_lesson_share": told["week"]["share"],
        "false_lesson_interval": told["week"]["interval"],
        "threshold_false_share": {name: figures["threshold"]["share"] for name, figures in told.items()},
        "threshold_false_interval": {
            name: figures["threshold"]["interval"] for name, figures in told.items()
        },
        "any_instruction_share": {name: figures["share"] for name, figures in told.items()},
        "any_instruction_interval": {name: figures["interval"] for name, figures in told.items()},
    }


def measure(bench: Bench, target: Path, stated: dict[str, Any]) -> dict[str, Any]:
    """Do all parts, and write what there is after each; `complete` says whether that is all."""
    found: dict[str, Any] = {}
    took: dict[str, float] = {}
    for place, (name, part) in enumerate(PARTS.items(), 1):
        begun = time.monotonic()
        print(f"part {place} of {len(PARTS)}: {name}", file=sys.stderr, flush=True)
        found |= part(bench)
        took[name] = round(time.monotonic() - begun, 1)  # of this call: what was kept takes no time
        seconds = took | {"all": round(sum(took.values()), 1)}
        kept = quoted(found) | found | {"seconds": seconds, "complete": place == len(PARTS)} | stated
        target.write_text(f"{json.dumps(kept, indent=2)}\n", encoding="utf-8")
    return kept


def main(arguments: Sequence[str]) -> None:
    """Run everything, write the figures and print those that are quoted."""
    names = [name for name in arguments if not name.startswith("--")]
    if len(names) != 1 or set(arguments) - {*names, "--quick"}:
        sys.exit("give one target, for example outputs/bench-evidence.json, and --quick if you like")
    scale, processes = QUICK if "--quick" in arguments else 1.0, os.cpu_count() or 1
    stated = {"seed": SEED, "confidence": CONFIDENCE, "scale": scale, "processes": processes}
    target = Path(names[0])
    target.parent.mkdir(parents=True, exist_ok=True)
    # Runs of another ledger, or of another simulation, are no runs of this one.
    kept = KeptRuns(
        target.with_name(f"{target.name}.runs"), {"seed": SEED, "method": METHOD, "simulation": SIMULATION}
    )
    with benches(processes, scale, kept) as bench:
        found = measure(bench, target, stated | {"machine": machine()})
    print(
        f"false lessons in {100 * found['false_lesson_share']:.1f} % of {found['null_weeks']} null weeks; "
        f"an edge of {found['planted_edge']} % found after {found['trades_needed']} episodes, "
        f"{found['needed_over_theory']} times the fixed number; {found['seconds']['all']:.0f} s"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
