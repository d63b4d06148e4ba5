"""Write docs/reference/experiment-figures.md from what `make bench-experiment` found: python -m scripts.write_experiment_figures [FILE]

FILE (default: outputs/bench-experiment.json) is taken into docs/reference/experiment-figures.json, and the page is made of that; without a
FILE and without that output the kept one is used again. Prose outside of the two marks is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from scripts.made_page import REFERENCE, ROOT, SURE, MadePage, count, figures_of, share

PAGE = MadePage(REFERENCE / "experiment-figures.md", "write_experiment_figures")
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
        cells = " | ".join(share(each) for each in shown)
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
            f"| {words} | {figures['runs']:,} | {count(figures['median'])} | {count(needed)} | {table} | {times} "
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
            f"| {words} | {share(figures['rolled_back'])} | {count(blocks['median'])}; {count(blocks['most'])} | "
            f"{_percent(cost['median'])}; {_percent(cost['most'])} | {figures['never_rolled_back_pct']:g} % |"
        )


def _made_with(found: dict[str, Any]) -> str:
    machine = found["machine"]
    took = f"{found['seconds']['all'] / 60:.0f} minutes"
    if not found["complete"]:
        took = "not all runs were done: `make bench-experiment` goes on with them"
    return f"Seed {found['seed']}; {machine['cores']} cores; {took}. {SURE}"


def _percent(figures: dict[str, Any]) -> str:
    value = figures["value"]
    return "–" if value is None else f"{value:.1f} %"


def main(*given: str) -> None:
    """Take the figures in and write the page anew. Raises SystemExit for figures of which a part is missing."""
    found = figures_of(PAGE, "bench-experiment.json", ["nulls"], "bench-experiment", *given)
    PAGE.write(page(found))
    print(PAGE.path.relative_to(ROOT))


if __name__ == "__main__":
    main(*sys.argv[1:])
