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
#: In this order.
PARTS = {
    "null_week": null.week_figures,
    "planted": power.power_figures,
    "retirement": ending.ending_figures,
    "fees": fees.fee_figures,
    "looks": null.look_figures,
    "null_4_weeks": null.month_figures,
    "days": null.day_figures,
    "ablations": null.ablation_figures,
}


def quoted(found: dict[str, Any]) -> dict[str, Any]:
    """What is quoted of one null week, under the names that docs/reference/evidence-figures.md uses; nothing without one."""
    week = found.get("null_week")
    if week is None:
        return {}
    return {
        "null_weeks": week["runs"],
        "false_lesson_share": week["share"],
        "false_lesson_interval": week["interval"],
    }


def measure(bench: Bench, target: Path, stated: dict[str, Any]) -> dict[str, Any]:
    """Do all parts, and write what there is after each; `complete` says whether that is all."""
    found: dict[str, Any] = {}
    took: dict[str, float] = {}
    target.parent.mkdir(parents=True, exist_ok=True)
    for place, (name, part) in enumerate(PARTS.items(), 1):
        begun = time.monotonic()
        print(f"part {place} of {len(PARTS)}: {name}", file=sys.stderr, flush=True)
        found |= part(bench)
        took[name] = round(time.monotonic() - begun, 1)
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
    with benches(processes, scale) as bench:
        found = measure(bench, Path(names[0]), stated | {"machine": machine()})
    print(
        f"false lessons in {100 * found['false_lesson_share']:.1f} % of {found['null_weeks']} null weeks; "
        f"an edge of {found['planted_edge']} % found after {found['trades_needed']} episodes, "
        f"{found['needed_over_theory']} times the fixed number; {found['seconds']['all']:.0f} s"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
