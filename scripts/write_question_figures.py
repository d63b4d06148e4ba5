"""`python -m scripts.write_question_figures [FILE]`: docs/reference/question-figures.md, from what `make bench-evidence` found.

FILE (default: outputs/bench-questions.json) is taken into docs/reference/question-figures.json, and the page is made of that; without a
FILE and without that output the kept one is used again. Prose outside of the two marks is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from scripts.made_page import REFERENCE, ROOT, SURE, MadePage, count, figures_of, number, share

PAGE = MadePage(REFERENCE / "question-figures.md", "write_question_figures")
PROVEN = {
    "any_proven": "anything proven: confirmed or followed (promised: at most 5 %)",
    "proven_on_the_sealed_part": "of these, on the sealed part",
    "proven_followed": "of these, from the keeping on",
    "proven_worse": "proven worse, on either",
    "proven_had_the_open_part_counted": "proven had the open part counted as well, at the same levels",
    "looked_good_in_the_open_part": "the interval of 95 % of one of the ten lies above 0 in the open part",
}
EDGES = {"edge": "standard costs", "edge_without_costs": "no costs"}
TOGETHER = {"none": "none", "one": "exactly one", "all": "all five"}


def page(found: dict[str, Any]) -> str:
    """The made part of the page."""
    parts = [_sealed(found), _edges(found), _replicates(found), _soon(found)]
    return "\n".join([*(line for part in parts for line in (*part, "")), _made_with(found)]) + "\n"


def _sealed(found: dict[str, Any]) -> Iterator[str]:
    figures = found["sealed"]
    mean, episodes = figures["mean_pct"], figures["episodes_a_question"]
    yield f"## {figures['explored']} questions that know nothing"
    yield ""
    yield f"| folders in which … | of {figures['runs']:,} |"
    yield "|---|---|"
    for name, words in PROVEN.items():
        yield f"| {words} | {share(figures[name])} |"
    yield ""
    made = {part: f"{value:+.3f} %" for part, value in mean.items()}
    yield (
        f"The ten made {made['open']} an episode in the open part, for which they were chosen, {made['sealed']} on the sealed part "
        f"({episodes['sealed']:,.0f} episodes each) and {made['followed']} in the quarter after ({episodes['followed']:,.0f})."
    )


def _edges(found: dict[str, Any]) -> Iterator[str]:
    first = next(iter(found["edges"].values()))
    yield f"## An edge of {first['edge_pct']:g} %"
    yield ""
    yield "| costs | runs | mean and spread of an episode | half had found it after | 80 % after | one look at a fixed number | times |"
    yield "|---|---|---|---|---|---|---|"
    for name, figures in found["edges"].items():
        low, high = (number(end, 2) for end in figures["needed_over_theory_interval"])
        like = f"{figures['mean_pct']:.3f} %, {figures['sd_pct']:.3f} %"
        times = f"{number(figures['needed_over_theory'], 2)} ({low} to {high}; at most {figures['within']:g})"
        yield (
            f"| {EDGES[name]} | {figures['runs']:,} | {like} | {count(figures['median'])} | {count(figures['needed'])} | "
            f"{figures['theory']:,.0f} | {times} |"
        )
    yield ""
    told = [f"{EDGES[name]}: {share(figures['found_within'])}" for name, figures in found["edges"].items()]
    yield f"Within {first['within']:g} times the fixed number it was found by ({'; '.join(told)})."


def _replicates(found: dict[str, Any]) -> Iterator[str]:
    figures = found["together"]
    yield f"## {figures['markets']} markets that move together"
    yield ""
    yield f"| correlation of moves | with the edge | studies | replicates after {figures['days']} days | at any of the looks |"
    yield "|---|---|---|---|---|"
    for correlation, worlds in figures["by_correlation"].items():
        for name, each in worlds.items():
            yield (
                f"| {correlation} | {TOGETHER[name]} | {each['replicates']['runs']:,} | {share(each['replicates'])} | "
                f"{share(each['at_any_look'])} |"
            )


def _soon(found: dict[str, Any]) -> Iterator[str]:
    yield "| correlation of moves | all five replicate by 80 % on day | one market alone is proven by 80 % on day |"
    yield "|---|---|---|"
    for correlation, worlds in found["together"]["by_correlation"].items():
        if "all" in worlds:
            together, alone = worlds["all"]["looked_on"], worlds["all"]["alone_days"]
            yield f"| {correlation} | {number(together)} | {count(alone)} |"


def _made_with(found: dict[str, Any]) -> str:
    done = "" if found["complete"] else " Not all runs were done: `make bench-evidence` goes on with them."
    return f"Seed {found['seed']}; {found['machine']['cores']} cores. {SURE}{done}"


def main(*given: str) -> None:
    """Take the figures in and write the page anew. Raises SystemExit for figures of which a part is missing."""
    found = figures_of(
        PAGE, "bench-questions.json", ("sealed", "edges", "together"), "bench-evidence", *given
    )
    PAGE.write(page(found))
    print(PAGE.path.relative_to(ROOT))


if __name__ == "__main__":
    main(*sys.argv[1:])
