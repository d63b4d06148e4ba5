"""How an experiment stands, in sentences for people: the same on the terminal, the pages and in what is said of the prompt."""

from __future__ import annotations

import pandas as pd

from lib.experiments.experiment import HOLDOUT, Experiment
from lib.experiments.judgement import Estimate, Judgement
from lib.experiments.rows import Stop
from lib.experiments.running import ExperimentRows


def minute(at: int) -> str:
    """An instant, microseconds, to the minute."""
    return f"{pd.Timestamp(at, unit='us', tz='UTC'):%Y-%m-%d %H:%M} UTC"


def compared_words(definition: Experiment) -> str:
    """What is compared, and how."""
    how = (
        "both are asked, one is executed" if definition.paired else "one is asked in a block, drawn by chance"
    )
    where = f", where {definition.lesson} can apply" if definition.lesson else ""
    return f"{definition.a.name} against {definition.b.name}, {how}{where}"


def has_gone_back(rows: ExperimentRows) -> bool:
    """Whether arm b alone is in force: harm was written down, and nobody has released it."""
    return rows.verdict is not None and rows.verdict.verdict == "harms" and rows.released is None


def going_back_words(rows: ExperimentRows) -> str:
    """Why arm b is in force, and since when; of an experiment that proved harm."""
    assert rows.verdict is not None
    a, b, name = rows.definition.a.name, rows.definition.b.name, rows.definition.id
    return (
        f"gone back to {b} since {minute(rows.verdict.at)}: experiment {name} proved that {a} harms "
        f"({rows.verdict.difference_pct:+.3f} % a block); `ribbon experiment release` ends that"
    )


def arm_in_force_words(name: str) -> str:
    """What a release brings."""
    return f"released: from the next tick on the loop does what it does without an experiment; {name} stays on the list as harmful"


def verdict_words(definition: Experiment, found: Judgement) -> str:
    """What is proven of arm a, in a sentence."""
    a, b = definition.a.name, definition.b.name
    if found.verdict == "helps":
        told = f"helps: {a} made more than {b}"
        return f"{told}, and has made less since then" if found.changed else told
    if found.verdict == "harms":
        return f"harms: {a} made less than {b}"
    return f"not yet: nothing is proven of {a} against {b}"


def difference_words(estimate: Estimate) -> str:
    """The difference with its bounds, percent net a block: 97.5 in 100 on each side, so 95 % between them."""
    if estimate.difference_pct is None:
        return "no difference yet"
    told = f"{estimate.differing} of {estimate.blocks} blocks moved it"
    return f"{estimate.difference_pct:+.3f} % a block ({_bounds_words(estimate)}; {told})"


def _bounds_words(estimate: Estimate) -> str:
    low, high = estimate.low_pct, estimate.high_pct
    if low is None and high is None:
        return "too few blocks for bounds"
    told = ("unknown" if bound is None else f"{bound:+.3f}" for bound in (low, high))
    return f"95 % bounds, at every look: {' to '.join(told)}"


def _telling(found: Judgement) -> str:
    """The blocks that count towards an answer."""
    return "blocks with different outcomes" if found.judged_by == "paired" else "blocks with a trade"


def needed_words(found: Judgement) -> str:
    """What is still needed; "" once something is proven."""
    needed = found.needed
    if needed is None:
        return ""
    if not needed.episodes:
        return "enough was seen for a difference of 0.05 % to have shown in four of five cases"
    rest = "" if needed.days is None else f": about {needed.days:.0f} days"
    if needed.cost_usd:
        rest += f" and ${needed.cost_usd:,.2f} of the model at the rate until now"
    return f"about {needed.episodes} more {_telling(found)} for a difference of 0.05 %{rest}"


def stopped_words(stop: Stop) -> str:
    """Why an experiment ended."""
    why = {
        "person": "stopped by a person",
        "arm_changed": "ended, because an arm is another now",
        "harms": "ended, because harm was proven",
        "terms": "ended, because the terms of trading are others now",
    }[stop.why]
    return f"{why}, {minute(stop.at)}{f': {stop.detail}' if stop.detail else ''}"


def state_words(rows: ExperimentRows) -> str:
    """Whether it runs, and with what share; or why it ended."""
    if rows.stop is not None:
        return stopped_words(rows.stop)
    since = minute(rows.definition.started)
    if rows.verdict is not None:
        return (
            f"running since {since}; {HOLDOUT:.0%} of the blocks go on without, so that a change is noticed"
        )
    return f"running since {since}"


def short_words(rows: ExperimentRows, found: Judgement) -> str:
    """Where an experiment stands, in one sentence for a front page."""
    a, b, name = rows.definition.a.name, rows.definition.b.name, rows.definition.id
    estimate = found.decisive
    made = "" if estimate.difference_pct is None else f", {estimate.difference_pct:+.3f} % a block"
    over = f" over {estimate.blocks} blocks" if made else ""
    if found.verdict != "not_yet":
        back = (
            f"; since {minute(rows.verdict.at)} the loop has gone back to {b}"
            if rows.verdict and has_gone_back(rows)
            else ""
        )
        return f"Experiment {name}: {a} {found.verdict}, against {b}{made}{over}{back}."
    if rows.stop is not None:
        return f"Experiment {name} ended before anything was proven of {a} against {b}{made}{over}."
    left = f"; about {found.needed.episodes} more {_telling(found)} are needed" if found.needed else ""
    return f"Experiment {name}, {a} against {b}: not yet{made}{over}{left}."
