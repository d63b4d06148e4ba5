"""A controlled test for people: what each arm made, the running difference with its bounds, and a table of exposure and cost.

The bounds hold at every look, so a look at them is no test of its own. The two curves are of blocks of different number where the shares
differ: their heights compare nothing, which is what the second figure is for.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lib.draw import style
from lib.draw.axis import draw_nothing, legend_above, tell, time_axis, title, zero_line
from lib.draw.numbers import bounds, counted, percent
from lib.draw.tables import Table, show_rows
from lib.draw.words import minus
from lib.experiments.course import CoursePoint, course
from lib.experiments.experiment import Experiment
from lib.experiments.folder import Judged
from lib.experiments.judgement import ArmFigures, Estimate, Judgement
from lib.experiments.wording import (
    compared_words,
    difference_words,
    going_back_words,
    has_gone_back,
    needed_words,
    state_words,
    verdict_words,
)

#: What is estimated; said wherever a difference is shown.
ESTIMAND = "The difference is what an arm does to its own block; what an account would make under one arm alone is another question."
_DISAGREE = "The two ways to estimate it are shown to disagree: trust neither alone."
#: Fewer looks are no course.
_LEAST = 2


def experiment_sentences(found: Judged) -> list[str]:
    """The verdict, what each arm's blocks made, the difference and how sure it is; then what was compared, what it cost, what is needed."""
    definition, told = found.rows.definition, found.judgement
    cost = told.a.cost_usd + told.b.cost_usd
    sentences = [
        _sentence(verdict_words(definition, told)),
        f"{arms_words(told)} {_block_words(definition)}",
        f"Difference: {difference_words(told.decisive)}.{_apart(told)}",
        f"Experiment {definition.id} compares {compared_words(definition)}. {_sentence(state_words(found.rows))}",
        f"Both arms together were billed ${cost:,.2f} by the model. {_sentence(needed_words(told))}".rstrip(),
        ESTIMAND,
    ]
    if has_gone_back(found.rows):
        sentences.insert(1, _sentence(going_back_words(found.rows)))
    return [*map(minus, sentences), *([_DISAGREE] if told.disagree else [])]


def arms_words(told: Judgement) -> str:
    """How many blocks each arm had, how long they were, and what they made in sum."""
    return " ".join(_sentence(_arm_words(arm)) for arm in (told.a, told.b))


def _block_words(definition: Experiment) -> str:
    """What a block is, for who has not read the guide."""
    without = f"{definition.terms.hold_minutes:g} minutes where nothing is entered"
    return f"A block lasts until its position is closed, or {without}; chance drew its arm before anybody was asked."


def _arm_words(arm: ArmFigures) -> str:
    if not arm.blocks:
        return f"{arm.name}: no block has ended"
    blocks, length = counted(arm.blocks, "blocks"), counted(round(60 * arm.hours / arm.blocks), "minutes")
    made = percent(arm.net_pct, 2, signed=True)
    return f"{arm.name}: {blocks} of {length} on average, {arm.traded:,} with a trade, {made} in sum"


def _apart(told: Judgement) -> str:
    """Why the arms' sums may lie apart where nothing is proven; "" where something is, or where they do not."""
    decisive = told.decisive
    if told.judged_by == "paired" and decisive.blocks:
        same = "" if decisive.differing else " Asked at the same tick, both arms came to the same."
        return f"{same} It is of both arms' answers at one tick; the sums are of the blocks that chance gave each."
    if told.verdict != "not_yet" or round(told.a.net_pct - told.b.net_pct, 2) == 0:
        return ""
    if decisive.low_pct is None or decisive.high_pct is None:
        return " The sums lie apart, but of too few blocks to tell that from chance."
    if decisive.low_pct <= 0 <= decisive.high_pct:
        return " The sums lie apart, but no difference at all lies within the bounds: chance alone can make that."
    return ""


def experiment_axes(source: str = "") -> list[Axes]:
    """The axes that `draw_experiment` fills."""
    return style.new_axes_grid(2, height=5.2, source=source, share_time=True)


def draw_experiment(axes: list[Axes], found: Judged) -> list[Axes]:
    """Above what the blocks of each arm made in sum, below the running difference with its bounds; percent net."""
    points = course(found.rows, found.pairs)
    draw_arms(axes[0], points, found.judgement.a.name, found.judgement.b.name)
    draw_difference(axes[1], points, found.judgement.decisive)
    axes[0].set_xlabel("")
    tell(
        axes[0],
        f"{verdict_words(found.rows.definition, found.judgement)}: {difference_words(found.judgement.decisive)}.",
    )
    return axes


def draw_arms(ax: Axes, points: list[CoursePoint], a: str, b: str) -> Axes:
    """The sum of the outcomes of each arm's blocks, percent net, over time."""
    heading = "What each arm's blocks made"
    if len(points) < _LEAST:
        return draw_nothing(ax, "fewer than two blocks have ended", heading)
    moments = pd.to_datetime([point.at for point in points], unit="us", utc=True)
    for name, values, colour, dash in (
        (a, [point.a_pct for point in points], style.LONG, "-"),
        (b, [point.b_pct for point in points], style.SHORT, (0, (5, 2))),
    ):
        ax.step(moments, values, where="post", color=colour, linestyle=dash, linewidth=1.5, label=name)
    zero_line(ax)
    time_axis(ax)
    ax.set_ylabel("sum, % net")
    title(ax, heading, n=points[-1].block, unit="blocks")
    return legend_above(ax)


def draw_difference(ax: Axes, points: list[CoursePoint], estimate: Estimate) -> Axes:
    """The difference a block, arm a less arm b, with the bounds that hold at every look; percent net."""
    heading = "Difference a block"
    known = [point for point in points if point.difference_pct is not None]
    if len(known) < _LEAST:
        return draw_nothing(ax, "no difference yet", heading)
    moments = pd.to_datetime([point.at for point in known], unit="us", utc=True)
    middle, low, high = (
        np.array([np.nan if value is None else value for value in column], dtype=float)
        for column in zip(
            *((point.difference_pct, point.low_pct, point.high_pct) for point in known), strict=True
        )
    )
    ax.fill_between(
        moments, low, high, color=style.LONG, alpha=0.18, linewidth=0, label="95 % bounds, at every look"
    )
    ax.plot(moments, middle, color=style.INK, linewidth=1.4, label="difference")
    zero_line(ax)
    time_axis(ax)
    ax.set_ylabel("% net a block")
    title(ax, heading, n=estimate.blocks, unit="blocks")
    return legend_above(ax)


def show_experiment(found: Judged) -> Table:
    """Each arm's exposure, outcome and cost."""
    told = found.judgement
    rows = [_arm_row(arm) for arm in (told.a, told.b)]
    return show_rows(rows, caption="The controlled test, by arm")


def show_estimates(found: Judged) -> Table:
    """The difference by what was executed and, of a paired experiment, by both answers at one tick."""
    estimates = {"executed blocks": found.judgement.randomised}
    if found.judgement.paired is not None:
        estimates["both answers at one tick"] = found.judgement.paired
    rows = [
        {
            "estimated from": name,
            "difference a block": percent(each.difference_pct, 3, signed=True),
            "95 % bounds, at every look": bounds(each.low_pct, each.high_pct, 3) or "no bounds yet",
            "blocks that tell": f"{each.differing} of {each.blocks}",
            "decides": "yes" if each is found.judgement.decisive else "no",
        }
        for name, each in estimates.items()
    ]
    return show_rows(rows, caption="The difference, arm a less arm b")


def _arm_row(arm: ArmFigures) -> dict[str, str]:
    return {
        "arm": arm.name,
        "blocks": f"{arm.blocks:,}",
        "with a trade": f"{arm.traded:,}",
        "hours": f"{arm.hours:,.1f}",
        "net": f"{percent(arm.net_pct, 2, signed=True)} (n {arm.blocks})",
        "a block": f"{percent(arm.mean_pct, 3, signed=True)} (n {arm.blocks})",
        "asked": f"{arm.asked:,} and {arm.shadows:,} beside" if arm.shadows else f"{arm.asked:,}",
        "billed": f"${arm.cost_usd:,.2f}",
    }


def _sentence(words: str) -> str:
    """Words as a sentence: a capital first, a full stop last; "" for none."""
    return f"{words[0].upper()}{words[1:]}." if words else ""
