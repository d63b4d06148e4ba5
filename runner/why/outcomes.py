"""What was made of a decision, and what the same answer makes by the standard exits (docs/definitions.md, Standard exits, Confidence)."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from lib.analysis.answers import IN_GAP, NO_SAMPLE, Asked, fill_outcome, score_answer
from lib.contract import schema
from lib.contract.times import iso, iso_of_microseconds
from lib.contract.visible import visible
from lib.data.window import MarketWindow
from lib.market.costs import SIGN
from lib.market.exits import ExitRule, levels
from lib.market.fills import Fill
from lib.market.readings import instant, instants
from lib.market.terms import Terms
from runner.why.models import Outcome

_NOTES = {
    NO_SAMPLE: "no price to enter at came while the answer was valid",
    IN_GAP: "null: a candle is missing within its longest hold",
}
_STILL_OPEN = "not ended yet by what is known"


def outcomes_of(row: pd.Series, market: MarketWindow | None, terms: Terms) -> list[Outcome]:
    """What was traded if anything was; and what the answer makes, entered as it was, else as an order would be. None of a HOLD."""
    if row["direction"] not in SIGN:
        return []
    executed = bool(row["executed"])
    found = [_traded(row, terms)] if executed else []
    asked_for = row["entry_recommended"] in schema.RECOMMENDED and row["holding"] != "YES"
    if market is None or market.candles_5min.empty or not (executed or asked_for):
        return found
    if executed and (pd.isna(row["entry_time"]) or pd.isna(row["entry_price"])):
        return found
    standard = ExitRule(terms.target_pct, terms.stop_pct, terms.hold_minutes)
    if executed:
        return [*found, _of_fill(row, market, standard, terms)]
    own = [] if _is_standard(row, standard) else [_of_answer("own exits", _asked(row), market, terms)]
    bare = _asked(row)._replace(stop_pct=math.nan, target_pct=math.nan)
    return [*own, _of_answer("standard exits", bare, market, terms)]


def _is_standard(row: pd.Series, standard: ExitRule) -> bool:
    """Whether a row's own distances are the standard ones, or it has none."""
    pairs = ((row["stop_pct"], standard.stop_pct), (row["target_pct"], standard.target_pct))
    return all(pd.isna(own) or math.isclose(own, usual) for own, usual in pairs)


def _traded(row: pd.Series, terms: Terms) -> Outcome:
    """The trade as it was logged; its net return is what its row says, else what its prices make less the fees of the terms."""
    net, entered, left = row["net_pnl_pct"], row["entry_time"], row["exit_time"]
    if pd.isna(net):
        moved = SIGN[row["direction"]] * (row["exit_price"] / row["entry_price"] - 1) * 100
        net = moved - terms.costs.fees_pct
    is_over = not pd.isna(row["exit_price"])
    both = not (pd.isna(entered) or pd.isna(left))
    return Outcome(
        of="traded",
        entry_time="" if pd.isna(entered) else iso(entered),
        entry_price=_figure(row["entry_price"]),
        stop_price=_figure(row["stop_price"]),
        target_price=_figure(row["target_price"]),
        exit_time="" if pd.isna(left) else iso(left),
        exit_price=_figure(row["exit_price"]),
        exit_reason=visible(str(row["exit_reason"])),
        hold_minutes=(left - entered).total_seconds() / 60 if both else None,
        net_pct=_figure(net) if is_over else None,
        note="" if is_over else _STILL_OPEN,
    )


def _asked(row: pd.Series) -> Asked:
    return Asked(
        **{name: row[name] for name in Asked._fields if name != "answered_at"},
        answered_at=instant(row["timestamp"]),
    )


def _of_answer(of: str, asked: Asked, market: MarketWindow, terms: Terms) -> Outcome:
    """An answer that was not executed, entered at the first sample after it as an order would be."""
    steps, until = instants(market.samples_5min.index), instant(market.as_of)
    found = score_answer(asked, market.own_path, steps, until, terms)
    if found is None:
        return Outcome(of=of, note="it is not known yet whether it would enter")
    rule = ExitRule(found.target_pct, found.stop_pct, terms.hold_minutes)
    return _outcome(of, SIGN[asked.direction], found._asdict(), rule)


def _of_fill(row: pd.Series, market: MarketWindow, rule: ExitRule, terms: Terms) -> Outcome:
    """A trade from its own fill on, with the standard exits."""
    sign, fill = SIGN[row["direction"]], Fill(instant(row["entry_time"]), float(row["entry_price"]))
    return _outcome("standard exits", sign, fill_outcome(market.own_path, sign, fill, rule, terms), rule)


def _outcome(of: str, sign: float, found: dict[str, object], rule: ExitRule) -> Outcome:
    entered, left, price = found["entry_time"], found["exit_time"], found["entry_price"]
    target, stop = levels(sign, price, rule) if entered else (math.nan, math.nan)
    note = _NOTES.get(str(found["unscored"]), "") or ("" if left else _STILL_OPEN)
    return Outcome(
        of=of,
        entry_time=iso_of_microseconds(entered) if entered else "",
        entry_price=_figure(price),
        stop_price=_figure(stop),
        target_price=_figure(target),
        exit_time=iso_of_microseconds(left) if left else "",
        exit_price=_figure(found["exit_price"]),
        exit_reason=found["exit_reason"],
        hold_minutes=(left - entered) / 60e6 if entered and left else None,
        net_pct=_figure(found["net_pct"]),
        note=note,
    )


def _figure(value: object) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None
