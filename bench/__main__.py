"""`python -m bench outputs/bench.json`: run all benchmarks, print them, write them as JSON."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from bench import backtest, cycle, sweep, window_load

BENCHMARKS = {
    "window_load": window_load.run,
    "cycle": cycle.run,
    "backtest": backtest.run,
    "sweep": sweep.run,
}


def machine() -> dict[str, object]:
    """What the figures were measured on; names no host and no path."""
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def main(target: Path, chosen: list[str]) -> None:
    """Run the chosen benchmarks (all by default) and merge their figures into `target`."""
    figures = json.loads(target.read_text()) if target.exists() else {}
    figures["machine"] = machine()
    for name in chosen or BENCHMARKS:
        print(f"{name}: running", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="ribbon-bench-") as folder:
            figures[name] = BENCHMARKS[name](Path(folder))
        figure = figures[name]
        print(
            f"{name}: ours {figure['ours_s']:.3f} s, {figure['other']} {figure['other_s']:.3f} s, "
            f"ratio {figure['ratio']:.1f}",
            flush=True,
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
