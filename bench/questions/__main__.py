"""`python -m bench.questions outputs/bench-questions.json [--quick | --so-far]`: figures of questions on simulated markets, kept as JSON.

`--quick` does a fiftieth of the runs, to see that everything works; its figures mean little. Finished runs are kept beside the target
(`<target>.runs`): an interrupted bench, called again, goes on. `--so-far` makes the figures of the finished runs and does no more.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench.evidence.runs import CONFIDENCE, SEED, KeptRuns, benches
from bench.measure import machine
from bench.parts import Finished, measure
from bench.questions.edge import edge_figures
from bench.questions.seal import seal_figures
from bench.questions.together import together_figures

QUICK = 0.02
#: More would only take cores from whoever works beside it.
MOST_PROCESSES = 2
#: Another number of how questions are simulated or judged: kept runs of another one are done anew.
SIMULATION = 1
#: So many runs of each part come first, so that all figures are soon there; then all of what is quoted first.
FIRST = 50
PARTS = {
    "first_sealed": partial(seal_figures, runs=FIRST),
    "first_edges": partial(edge_figures, runs=FIRST),
    "first_together": partial(together_figures, runs=FIRST),
    "sealed": seal_figures,
    "edges": edge_figures,
    "together": together_figures,
}


def main(arguments: Sequence[str]) -> None:
    """Run everything, write the figures and print those that are promised."""
    names = [name for name in arguments if not name.startswith("--")]
    if len(names) != 1 or len(arguments) > 2 or set(arguments) - {*names, "--quick", "--so-far"}:
        sys.exit(
            "give one target, for example outputs/bench-questions.json, and --quick or --so-far if you like"
        )
    scale = QUICK if "--quick" in arguments else 1.0
    processes = min(os.cpu_count() or 1, MOST_PROCESSES)
    stated = {
        "seed": SEED,
        "confidence": CONFIDENCE,
        "scale": scale,
        "processes": processes,
        "machine": machine(),
    }
    target = Path(names[0])
    target.parent.mkdir(parents=True, exist_ok=True)
    kept = KeptRuns(target.with_name(f"{target.name}.runs"), {"seed": SEED, "simulation": SIMULATION})
    if "--so-far" in arguments:
        found = measure(PARTS, Finished(kept=kept), target, stated)
    else:
        with benches(processes, scale, kept) as bench:
            found = measure(PARTS, bench, target, stated)
    print("\n".join(sentences(found)))


def sentences(found: dict[str, Any]) -> list[str]:
    """What was found of what is promised, in words."""
    said = []
    if (sealed := found.get("sealed")) is not None:
        proven = sealed["any_proven"]
        said.append(
            f"something false proven in {proven['hits']} of {proven['runs']} folders ({100 * proven['share']:.1f} %, promised: at most 5 %)"
        )
    for name, figures in found.get("edges", {}).items():
        said.append(
            f"{name}: {figures['edge_pct']} % found by 80 % within {figures['needed_over_theory']} times the fixed number "
            f"(promised: {figures['within']})"
        )
    for correlation, worlds in found.get("together", {}).get("by_correlation", {}).items():
        for name, figures in worlds.items():
            hits = figures["replicates"]
            said.append(
                f"markets correlated {correlation}, {name} with the edge: replicates in {hits['hits']} of {hits['runs']} studies"
            )
    return said


if __name__ == "__main__":
    main(sys.argv[1:])
