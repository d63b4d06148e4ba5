"""The parts of a bench that simulates, done one after another: what there is is written after each, and runs that are done are kept."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.evidence.runs import Bench, Run

Kind = Callable[[Any], Any]
Part = Callable[[Bench], dict[str, Any]]


class Finished(Bench):
    """A bench that does nothing more: what is kept is all there is."""

    def runs(
        self, name: str, run: Run, usual: int, kind: Kind = lambda result: result, version: str = ""
    ) -> list[Any]:
        """The finished ones of `usual` runs, maybe none."""
        kept = self.kept.of(f"{name} {version}".rstrip()) if self.kept else {}
        return [kind(kept[number]) for number in sorted(kept) if number < usual]


def measure(
    parts: dict[str, Part],
    bench: Bench,
    target: Path,
    stated: dict[str, Any],
    quoted: Callable[[dict[str, Any]], dict[str, Any]] = lambda found: {},
) -> dict[str, Any]:
    """Do all parts, and write what there is after each; `quoted` makes what is quoted of all of them.

    `complete` says whether that is all, `seconds` what this call took: what was kept takes no time.
    """
    found: dict[str, Any] = {}
    took: dict[str, float] = {}
    for place, (name, part) in enumerate(parts.items(), 1):
        begun = time.monotonic()
        print(f"part {place} of {len(parts)}: {name}", file=sys.stderr, flush=True)
        found |= part(bench)
        took[name] = round(time.monotonic() - begun, 1)
        last = place == len(parts)
        seconds = took | {"all": round(sum(took.values()), 1)}
        complete = last and not isinstance(bench, Finished)
        kept = (quoted(found) if last else {}) | found | {"seconds": seconds, "complete": complete} | stated
        target.write_text(f"{json.dumps(kept, indent=2)}\n", encoding="utf-8")
    return kept
