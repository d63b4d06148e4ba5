"""The sample market at another price: a coin of 0.08 or 0.00001 dollars has the same trades and percents, and its dollars are told.

Prices are scaled by a power of two, so that every return is the same to the last bit; sizes by its inverse, so that the account's money is.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lib.analysis.run import analyze_window
from lib.contract.actual_trades import ActualPerformance
from lib.contract.dollars import Coin
from lib.contract.envelope import ResultEnvelope
from lib.contract.optimal_vs_actual import OptimalComparison
from lib.contract.smart_backtest import RealisticBacktest
from lib.data.window import load_window
from lib.draw.findings import trades_finding
from lib.draw.summaries import show_gap_parts
from lib.draw.trade_list import show_examples
from lib.market.terms import DEFAULT_TERMS
from lib.prompt.sections import SECTIONS

AS_OF, HOURS = "2025-06-15T12:00:00Z", 24.0
PRICES = re.compile(r"price|open|high|low|close|(?:entry|exit|stop|target)_price|MMA\d+")
#: Dollars per 1 coin, and prices: what scales.
DOLLARS = re.compile(
    r"(?:total|gross|avg|missed|gap|optimal|actual)?_?pnl(?:_dollars)?|avg_profit_per_trade|max_drawdown(?:_marked)?|(?:entry|exit)_price"
)


def scaled(folder: Path, to: Path, factor: float) -> Path:
    """A trading_data folder with all prices times `factor`, written exactly."""
    to.mkdir()
    for path in folder.glob("*.csv"):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        for name in frame:
            by = factor if PRICES.fullmatch(name) else 1 / factor if name == "size" else None
            if by is not None:
                frame[name] = [
                    np.format_float_positional(float(text) * by) if text else "" for text in frame[name]
                ]
        frame.to_csv(to / path.name, index=False, lineterminator="\n")
    return to


def analyzed(folder: Path) -> dict[str, ResultEnvelope]:
    found = analyze_window(load_window(folder, AS_OF, HOURS), DEFAULT_TERMS)
    return {name: envelope for name, envelope in found.items() if envelope is not None}


@pytest.fixture(scope="module")
def usual(sample_data) -> dict[str, ResultEnvelope]:
    return analyzed(sample_data)


@pytest.fixture(scope="module", params=[(2.0**-15, 6), (2.0**-28, 10)], ids=["DOGE", "SHIB"])
def small(request, sample_data, tmp_path_factory) -> tuple[float, int, dict[str, ResultEnvelope]]:
    """The factor, the decimals that dollars then have, and the results."""
    factor, decimals = request.param
    folder = scaled(sample_data, tmp_path_factory.mktemp("small") / "data", factor)
    return factor, decimals, analyzed(folder)


def leaves(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """The figures and words of a result, each by the keys that lead to it."""
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        return {key: found for name, part in parts for key, found in leaves(part, (*path, str(name))).items()}
    return {path: value}


def test_percents_counts_and_words_are_those_of_any_price_and_dollars_are_scaled(usual, small):
    factor, decimals, found = small
    dollars = 0
    for name, envelope in usual.items():
        one, other = leaves(envelope.result), leaves(found[name].result)
        assert one.keys() == other.keys()
        for key, figure in one.items():
            if key[-1] == "pnl" or DOLLARS.fullmatch(key[-1]):
                # Up to half of the last digit on either side, in each of the figures that a part of the gap is the rest of.
                off = 4 * (0.005 * factor + 0.5 * 10.0**-decimals)
                assert other[key] == (None if figure is None else pytest.approx(figure * factor, abs=off)), (
                    key
                )
                dollars += bool(figure)
            elif key[0] != "key_lessons":  # sentences with dollars in them
                assert other[key] == figure, (name, key)
    assert dollars > 50


def test_no_sum_of_dollars_reads_as_nothing(small):
    _, decimals, found = small
    source = found["actual_trades"].source
    coin = Coin.of(source)
    assert source["dollar_decimals"] == coin.decimals == decimals
    actual = ActualPerformance.model_validate(found["actual_trades"].result)
    gap = OptimalComparison.model_validate(found["optimal_vs_actual"].result)
    examples = RealisticBacktest.model_validate(found["smart_backtest"].result).top_trades
    said = " ".join(
        [
            *trades_finding(actual, "rules", coin).said,
            *actual.key_lessons,
            *SECTIONS["actual_trades"][0](actual, source, []).parts[1].texts,
            repr(show_gap_parts(gap, coin)),
            repr(show_examples(examples, coin)),
        ]
    )
    told = re.findall(r"\$([\d.,]+\d)", said)
    assert len(told) > 10 and all(len(figure.partition(".")[2]) == decimals for figure in told)
    assert not [figure for figure in told if not figure.strip("0.")]
    assert "e-" not in said


def test_the_parts_of_the_gap_sum_to_it(small):
    _, decimals, found = small
    result = found["optimal_vs_actual"].result
    gap = sum(part["pnl"] for part in result["gap_parts"])
    assert round(gap, decimals) == result["gap_pnl"] != 0
    assert result["gap_pnl"] == round(result["optimal_pnl"] - result["actual_pnl"], decimals)


def test_a_market_from_a_hundred_dollars_on_says_nothing_of_decimals(usual):
    assert all("dollar_decimals" not in envelope.source for envelope in usual.values())
