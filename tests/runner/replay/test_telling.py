"""What a replay's summary says to a trader."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from runner.replay.telling import MAY_KNOW, summary_lines, training_warning

FIRST, LAST = pd.Timestamp("2026-01-10T00:00Z"), pd.Timestamp("2026-01-20T00:00Z")
SIDE = {"total": 2, "win_rate": 50.0, "total_pnl_pct": -0.1, "total_pnl": -2.5}
SUMMARY = {
    "source": {"label": "rule decider"},
    "from": "2026-01-10T00:00:00Z",
    "to": "2026-01-20T00:00:00Z",
    "ticks": 1440,
    "no_samples": [],
    "trades": SIDE | {"total": 3, "breakeven_win_rate": 57.8, "gross_pnl": 4.0, "gross_pnl_pct": 0.2},
    "by_direction": {"LONG": SIDE, "SHORT": SIDE | {"total": 0}},
    "open_trades": 1,
    "holding": {
        "from_price": 2500.0,
        "to_price": 2600.0,
        "gross_pct": 4.0,
        "net_pct": 3.89,
        "net_pnl": 97.25,
    },
    "dollars": {"trades": "per 1 ETH", "holding": "per 1 ETH", "account": "account"},
    "account": {"equity_begun": 10000.0, "equity": 9800.0, "return_pct": -2.0, "fees": 45.0},
    "model_cost": {"calls": 3, "words": "3 calls: $0.1000 billed"},
    "halts": [
        {"at": "2026-01-11T13:05:00+00:00", "reason": "daily_loss", "lifted": "2026-01-12T00:00:00+00:00"},
        {"at": "2026-01-19T08:00:00+00:00", "reason": "drawdown"},
    ],
    "hours_learned": 0,
    "outcomes": {"gate": 1440},
    "training_warning": "",
    "may_know_market": MAY_KNOW,
}


def told(**changed) -> str:
    return "\n".join(summary_lines(SUMMARY | changed, [Path("summary.json")]))


def test_a_trader_reads_break_even_gross_net_sides_holding_and_whose_money():
    text = told()
    assert "trades: 3 closed, 1 open; won 50.0 %, break-even 57.8 %" in text
    assert "gross +0.20 %, fees 0.30 %, net −0.10 %" in text
    assert "gross +$4.00, net −$2.50 per 1 ETH" in text
    assert "LONG: 2, won 50.0 %, net −0.10 %, −$2.50 per 1 ETH" in text and "SHORT: none" in text
    assert "holding instead, from 2,500.00 to 2,600.00: net +3.89 %, +$97.25 per 1 ETH" in text
    assert "account: $10,000.00 -> $9,800.00 (−2.00 %)" in text


def test_what_the_data_do_not_hold_of_the_period_is_told():
    assert "no samples" not in told()
    stretches = [
        {"from": "2026-01-10T00:00:00Z", "to": "2026-01-12T12:01:00Z"},
        *(
            {"from": f"2026-01-{day}T00:00:00Z", "to": f"2026-01-{day}T0{day - 10}:00:00Z"}
            for day in (13, 14, 15)
        ),
    ]
    assert (
        "no samples, so nothing was replayed: 2026-01-10 00:00 UTC to 2026-01-12 12:01 UTC, 60.0 h; "
        "2026-01-15 00:00 UTC to 2026-01-15 05:00 UTC, 5.0 h; 2026-01-14 00:00 UTC to 2026-01-14 04:00 UTC, 4.0 h; and 1 shorter"
    ) in told(no_samples=stretches)


def test_each_halt_has_its_time_and_reason():
    assert "2026-01-11 13:05 UTC daily loss, lifted 2026-01-12 00:00 UTC" in told()
    assert "2026-01-19 08:00 UTC drawdown, not lifted" in told()
    assert "halts: none" in told(halts=[])


def test_every_dollar_figure_says_whose_money_it_is():
    lines = [line for line in told().splitlines() if "$" in line]
    assert len(lines) == 5 and lines[-1].startswith("  model: ")
    assert all("per 1 ETH" in line or "account" in line for line in lines[:-1])


def test_it_says_that_a_model_may_know_the_market_and_warns_where_that_is_known():
    assert "dates and prices are in its prompt" in told() and "warning" not in told()
    assert "warning: all of it" in told(training_warning="all of it")


def test_what_the_model_cost_is_said_where_one_was_asked():
    assert "  model: 3 calls: $0.1000 billed\n" in told()
    assert "model:" not in told(model_cost={"calls": 0, "words": "$0.0000 billed"})


def test_without_a_trade_nothing_is_made_up():
    text = told(trades=SUMMARY["trades"] | {"total": 0, "breakeven_win_rate": None})
    assert "trades: 0 closed" in text and "break-even" not in text
    assert "no price" in told(holding=dict.fromkeys(SUMMARY["holding"]))


@pytest.mark.parametrize(
    ("until", "begins"),
    [
        ("", ""),
        ("2025-12", ""),
        ("2026-01", "all of these data lie before"),
        ("2030-06", "all of these data"),
    ],
)
def test_the_end_of_the_training_is_the_end_of_its_month(until, begins):
    warning = training_warning(FIRST, LAST, until)
    assert warning.startswith(begins) and bool(warning) == bool(begins)


def test_data_that_go_on_after_the_training_are_told_apart():
    assert training_warning(FIRST, LAST + pd.DateOffset(months=3), "2026-01").startswith(
        "these data begin before"
    )
