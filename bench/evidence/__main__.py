"""`python -m bench.evidence outputs/bench-evidence.json [--quick]`: all figures of lessons on simulated trades, kept as JSON.

`--quick` does a fiftieth of the runs, to see that everything works; its figures mean little.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.evidence import ending, fees, null, power
from bench.evidence.runs import CONFIDENCE, SEED, Bench, benches
from bench.measure import machine

QUICK = 0.02
#: In this order; the first are those that everything rests on.
PARTS = {
    "null": null.null_figures,
    "planted": power.power_figures,
    "days": null.day_figures,
    "retirement": ending.ending_figures,
    "fees": fees.fee_figures,
    "looks": null.look_figures,
}


def figures(bench: Bench) -> dict[str, Any]:
    """All figures, and at the top those that are quoted: of one null week, and of the planted edge."""
    found: dict[str, Any] = {}
    took = {}
    for place, (name, part) in enumerate(PARTS.items(), 1):
        begun = time.monotonic()
        print(f"part {place} of {len(PARTS)}: {name}", file=sys.stderr, flush=True)
        found |= part(bench)
        took[name] = round(time.monotonic() - begun, 1)
    week = found["null_week"]
    quoted = {
        "null_weeks": week["runs"],
        "false_lesson_share": week["share"],
        "false_lesson_interval": week["interval"],
    }
    return quoted | found | {"seconds": took | {"all": round(sum(took.values()), 1)}}


def main(arguments: Sequence[str]) -> None:
    """Run everything and write the figures; what stands in the target is replaced when all are there."""
    names = [name for name in arguments if not name.startswith("--")]
    if len(names) != 1 or set(arguments) - {*names, "--quick"}:
        sys.exit("give one target, for example outputs/bench-evidence.json, and --quick if you like")
    scale = QUICK if "--quick" in arguments else 1.0
    processes = os.cpu_count() or 1
    with benches(processes, scale) as bench:
        found = figures(bench)
    stated = {
        "seed": SEED,
        "confidence": CONFIDENCE,
        "scale": scale,
        "processes": processes,
        "machine": machine(),
    }
    target = Path(names[0])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"{json.dumps(found | stated, indent=2)}\n", encoding="utf-8")
    print(
        f"false lessons in {100 * found['false_lesson_share']:.1f} % of {found['null_weeks']} null weeks; "
        f"an edge of {found['planted_edge']} % found after {found['trades_needed']} episodes, "
        f"{found['needed_over_theory']} times the fixed number; {found['seconds']['all']:.0f} s"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
