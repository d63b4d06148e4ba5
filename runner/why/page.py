"""A decision as one whole page in the reports' style: everything put into it is escaped, and it is whole where no script runs.

Where it is told of a place with the chart's scripts, the still picture of price becomes a chart to move and zoom.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd
from jinja2 import Environment

from lib.contract.price_block import PriceBlock
from lib.contract.times import parse_instant
from lib.draw.words import typeset
from runner.cycle.pages import environment_of
from runner.why.models import SentPrompt, Why, WhyRecord
from runner.why.read import AROUND
from runner.why.words import exit_words, net, price, ribbon_words, titled
from runner.zoom.html import block_html, head
from runner.zoom.scripts import style

if TYPE_CHECKING:
    from lib.draw.decision import DecisionMarks

#: The class of a verdict's mark in the reports' style.
_TONES = {"passed": "ok", "failed": "failed", "not asked": "waiting"}
_PROMPT_TONES = {"verified": "ok", "another": "failed", "not kept": "waiting", "nothing": "waiting"}


@cache
def _environment() -> Environment:
    made = environment_of("runner.why")
    made.filters |= {"price": price, "net": net, "ended": exit_words, "typeset": typeset}
    return made


def why_page(why: Why, assets: str = "", links: Mapping[str, str] = MappingProxyType({})) -> str:
    """The page of a decision; `assets`: where the page finds the chart's scripts (ends with a slash), "" for none; `links`: ways back."""
    record = why.record
    marks = _marks(record)
    block = _block(why, marks) if assets else None
    scripted = {} if block is None else {"scripts": head(assets), "more_style": style()}
    return (
        _environment()
        .get_template("why.html.j2")
        .render(
            why=record,
            rails=[(rail, _TONES[rail.verdict]) for rail in record.rails],
            prompts=[(title, sent, _PROMPT_TONES[sent.status]) for title, sent in _prompts(record)],
            outcomes=[(outcome, title) for title, outcome in titled(record.outcomes)],
            links=links,
            ribbons=[(ribbon, ribbon_words(ribbon)) for ribbon in record.ribbons],
            pictures=_pictures(why, marks),
            block=block and block_html(block),
            finding=" ".join(record.answer),
            **scripted,
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


def _pictures(why: Why, marks: DecisionMarks) -> dict[str, str]:
    """The still picture of price, for wide windows and for phones, as data addresses; none without a market."""
    if why.market is None or not why.market.has_market:
        return {}
    import matplotlib.pyplot as plt

    from lib.draw.decision import decision_figure

    found = {}
    for name, narrow in (("wide", False), ("narrow", True)):
        figure = decision_figure(why.market, marks, AROUND, source=why.market.source.market, narrow=narrow)
        found[name] = f"data:image/png;base64,{base64.b64encode(figure.png()).decode()}"
        plt.close(figure)
    return found


def _block(why: Why, marks: DecisionMarks) -> PriceBlock | None:
    from lib.draw.decision import decision_block

    if why.market is None or not why.market.has_market:
        return None
    return decision_block(why.market, marks, AROUND)


def _marks(record: WhyRecord) -> DecisionMarks:
    from lib.draw.decision import DecisionMarks

    asked = parse_instant(record.decision.at), record.decision.direction
    if not record.outcomes:
        return DecisionMarks(*asked)
    shown = record.outcomes[0]
    return DecisionMarks(
        *asked,
        entry_at=_moment(shown.entry_time),
        entry=shown.entry_price,
        stop=shown.stop_price,
        target=shown.target_price,
        exit_at=_moment(shown.exit_time),
        exit=shown.exit_price,
        won=(shown.net_pct or 0.0) > 0,
        net_pct=shown.net_pct,
        exit_reason=shown.exit_reason,
    )


def _moment(iso: str) -> pd.Timestamp | None:
    return parse_instant(iso) if iso else None
