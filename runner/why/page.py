"""A decision as one whole page in the reports' style: everything put into it is escaped, nothing is fetched and no script runs."""

from __future__ import annotations

import base64
from functools import cache

import pandas as pd
from jinja2 import Environment

from lib.contract.times import parse_instant
from runner.cycle.pages import environment_of
from runner.why.models import Outcome, SentPrompt, Why, WhyRecord
from runner.why.read import AROUND
from runner.why.words import exit_words, net, outcome_title, price, ribbon_words

#: The class of a verdict's mark in the reports' style.
_TONES = {"passed": "ok", "failed": "failed", "not asked": "waiting"}
_PROMPT_TONES = {"proven": "ok", "another": "failed", "not kept": "waiting", "nothing": "waiting"}


@cache
def _environment() -> Environment:
    made = environment_of("runner.why")
    made.filters |= {"price": price, "net": net, "ended": exit_words}
    return made


def why_page(why: Why) -> str:
    """The page of a decision."""
    record = why.record
    return (
        _environment()
        .get_template("why.html.j2")
        .render(
            why=record,
            rails=[(rail, _TONES[rail.verdict]) for rail in record.rails],
            prompts=[(title, sent, _PROMPT_TONES[sent.status]) for title, sent in _prompts(record)],
            outcomes=[(outcome, outcome_title(outcome)) for outcome in record.outcomes],
            ribbons=[(ribbon, ribbon_words(ribbon)) for ribbon in record.ribbons],
            pictures=_pictures(why),
            finding=" ".join(record.answer),
        )
    )


def _prompts(record: WhyRecord) -> list[tuple[str, SentPrompt]]:
    """What was sent, under its title: of two models to each of them."""
    if record.first is None:
        return [("What was sent", record.prompt)]
    return [
        (f"What was sent to {record.first.model}, first", record.first.prompt),
        (f"What was sent to {record.decision.model}", record.prompt),
    ]


def _pictures(why: Why) -> dict[str, str]:
    """The still picture of price, for wide windows and for phones, as data addresses; none without a market."""
    if why.market is None or not why.market.has_market:
        return {}
    import matplotlib.pyplot as plt

    from lib.draw.decision import DecisionMarks, decision_figure

    record = why.record
    shown = record.outcomes[0] if record.outcomes else None
    marks = DecisionMarks(parse_instant(record.decision.at), record.decision.direction, **_marks(shown))
    found = {}
    for name, narrow in (("wide", False), ("narrow", True)):
        figure = decision_figure(why.market, marks, AROUND, source=why.market.source.market, narrow=narrow)
        found[name] = f"data:image/png;base64,{base64.b64encode(figure.png()).decode()}"
        plt.close(figure)
    return found


def _marks(shown: Outcome | None) -> dict[str, object]:
    if shown is None:
        return {}
    return {
        "entry_at": _moment(shown.entry_time),
        "entry": shown.entry_price,
        "stop": shown.stop_price,
        "target": shown.target_price,
        "exit_at": _moment(shown.exit_time),
        "exit": shown.exit_price,
        "won": (shown.net_pct or 0.0) > 0,
    }


def _moment(iso: str) -> pd.Timestamp | None:
    return parse_instant(iso) if iso else None
