"""`python -m bench outputs/bench.json [name …]`: run the benchmarks, all or those named; print their figures and keep them as JSON."""

from __future__ import annotations

import json
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench import (
    backtest,
    catch_up,
    cycle,
    hindsight,
    history_growth,
    ledger_growth,
    replay,
    replay_learning,
    study,
    sweep,
    window_load,
)
from bench.measure import Figures, machine

#: Each is given an empty folder, and returns its figures under the names that the JSON file has them by.
BENCHMARKS: dict[str, Callable[[Path], Figures]] = {
    "cycle": cycle.run,
    "window_load": window_load.run,
    "history_growth": history_growth.run,
    "ledger_growth": ledger_growth.run,
    "catch_up": catch_up.run,
    "sweep": sweep.run,
    "hindsight": hindsight.run,
    "replay": replay.run,
    "replay_learning": replay_learning.run,
    "backtest": backtest.run,
    "study": study.run,
}


def line(name: str, figure: Mapping[str, object]) -> str:
    """A figure in a line: two ways and their ratio, or else all that it holds."""
    if "other_s" in figure:
        ours, other = f"ours {figure['ours_s']:.3f} s", f"{figure['other']} {figure['other_s']:.3f} s"
        return f"{name}: {ours}, {other}, ratio {figure['ratio']:.1f}"
    return f"{name}: " + "; ".join(f"{key} {_told(value)}" for key, value in figure.items())


def _told(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_told(part)}" for key, part in value.items())
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def main(target: Path, chosen: Sequence[str]) -> None:
    """Run the chosen benchmarks (all by default) and merge the figures of each into `target` as soon as it has ended.

    One that fails leaves its figures as they were, the others go on, and the exit code tells.
    """
    unknown = set(chosen) - set(BENCHMARKS)
    if unknown:
        sys.exit(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    failed = []
    for name in chosen or BENCHMARKS:
        print(f"{name}: running", file=sys.stderr, flush=True)
        begun = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="ribbon-bench-") as folder:
                found = BENCHMARKS[name](Path(folder))
        except Exception:
            traceback.print_exc()
            failed.append(name)
            continue
        print(f"{name}: took {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
        for figure in found.items():
            print(line(*figure), flush=True)
        kept = json.loads(target.read_text(encoding="utf-8")) if target.exists() else {}
        text = json.dumps(kept | {"machine": machine()} | found, indent=2)
        target.write_text(f"{text}\n", encoding="utf-8")
    if failed:
        sys.exit(f"no figures of {', '.join(failed)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
