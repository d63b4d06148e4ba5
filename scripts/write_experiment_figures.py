"""Write docs/reference/experiment-figures.md from what `make bench-experiment` found: python -m scripts.write_experiment_figures [FILE]

FILE (default: outputs/bench-experiment.json) is taken into docs/reference/experiment-figures.json, and the page is made of that; without a
FILE and without that output the kept one is used again. Prose outside of the two marks is written by hand.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lib.data.atomic import replace_text
from lib.paths import repository_root

ROOT = repository_root()
OUTPUT = ROOT / "outputs" / "bench-experiment.json"
FOUND = ROOT / "docs" / "reference" / "experiment-figures.json"
PAGE = FOUND.with_suffix(".md")
BEGIN, END = "<!-- made by scripts/write_experiment_figures.py -->\n", "<!-- end -->\n"
#: How the worlds without a difference are told.
NULLS = {
    "null": "equal arms",
    "null_paired": "equal arms, both asked",
    "days": "the same, each day good or bad for both arms",
    "less_often": "the same, arm b trades in 40 % of the blocks",
    "repeats": "the same, of deciders that repeat an answer while it is behind",
    "days_less_often": "days good or bad, and arm b trades in 40 %: a difference by day, none on average",
}


def page(found: dict[str, Any]) -> str:
    """The made part of the page."""
    return "\n".join([*_nulls(found), "", *_power(found), "", *_harm(found), "", _made_with(found)]) + "\n"


def _nulls(found: dict[str, Any]) -> Iterator[str]:
    yield "## Without a difference"
    yield ""
    yield "| simulated | experiments | verdict by the randomised estimate | verdict by pairs | the two said to disagree |"
    yield "|---|---|---|---|---|"
    for name, figures in found["nulls"].items():
        shown = [figures["randomised"], figures.get("paired"), figures.get("disagree")]
        cells = " | ".join(_share(each) for each in shown)
        yield f"| {NULLS[name]} | {figures['randomised']['runs']:,} of {figures['blocks']:,} blocks | {cells} |"


def _power(found: dict[str, Any]) -> Iterator[str]:
    yield f"## A difference of {found['difference']:g} %"
    yield ""
    yield "| judged by | experiments | half have found it after | 80 % after | the method's table | times |"
    yield "|---|---|---|---|---|---|"
    for name, words, table in (
        ("randomised_power", "blocks that all trade", found["episodes_table"]),
        ("paired_power", "pairs with different outcomes", found["paired_table"]),
    ):
        figures = found[name]
        needed = figures["needed"]
        times = "–" if needed["value"] is None else f"{needed['value'] / table:.2f}"
        yield (
            f"| {words} | {figures['runs']:,} | {_count(figures['median'])} | {_count(needed)} | {table} | {times} "
            f"(at most {found['within']:g}) |"
        )


def _harm(found: dict[str, Any]) -> Iterator[str]:
    yield f"## An arm that costs {found['difference']:g} % a block"
    yield ""
    yield "| judged by | rolled back within 1,800 blocks | blocks until then: half, 80 % | what it had cost: half, 80 % | without a test |"
    yield "|---|---|---|---|---|"
    for name, words in (("randomised", "blocks as drawn"), ("paired", "pairs")):
        figures = found["harm"][name]
        blocks, cost = figures["blocks"], figures["cost_pct"]
        yield (
            f"| {words} | {_share(figures['rolled_back'])} | {_count(blocks['median'])}; {_count(blocks['most'])} | "
            f"{_percent(cost['median'])}; {_percent(cost['most'])} | {figures['never_rolled_back_pct']:g} % |"
        )


def _made_with(found: dict[str, Any]) -> str:
    machine = found["machine"]
    took = f"{found['seconds']['all'] / 60:.0f} minutes"
    if not found["complete"]:
        took = "not all runs were done: `make bench-experiment` goes on with them"
    sure = "Intervals are exact binomial ones for shares, from order statistics for counts, 95 %."
    return f"Seed {found['seed']}; {machine['cores']} cores; {took}. {sure}"


def _share(figures: dict[str, Any] | None) -> str:
    if figures is None:
        return "–"
    low, high = figures["interval"]
    return f"{100 * figures['share']:.1f} % ({100 * low:.1f} to {100 * high:.1f} %)"


def _count(figures: dict[str, Any]) -> str:
    low, high = figures["interval"]
    return f"{_number(figures['value'])} ({_number(low)} to {_number(high)})"


def _number(value: float | None) -> str:
    return "never" if value is None else f"{value:,.0f}"


def _percent(figures: dict[str, Any]) -> str:
    value = figures["value"]
    return "–" if value is None else f"{value:.1f} %"


def main(*given: str) -> None:
    """Take the figures in and write the page anew. Raises SystemExit for figures of which a part is missing."""
    source = Path(given[0]) if given else OUTPUT
    if given or source.is_file():
        found = json.loads(source.read_text(encoding="utf-8"))
        if "nulls" not in found or found["scale"] != 1.0:
            sys.exit(
                f"{source}: the bench is not done; run `make bench-experiment`, which goes on where it was"
            )
        replace_text(FOUND, json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    found = json.loads(FOUND.read_text(encoding="utf-8"))
    prose, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    replace_text(PAGE, prose + BEGIN + page(found) + END + rest.partition(END)[2])
    print(PAGE.relative_to(ROOT))


if __name__ == "__main__":
    main(*sys.argv[1:])
