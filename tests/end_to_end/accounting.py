"""What must add up at the end of a run, whatever happened in it: samples, ticks, money, and nothing left behind."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from lib.contract import schema
from lib.data.loaders import load_samples
from runner.claude.ledger import SPEND_FILE, spend_of_day
from runner.trade.book import Book
from runner.trade.tick_log import TICKS_FILE
from tests.end_to_end.rig import Rig, table

#: A sample's price is one the page had at most so long before its stamp, in seconds.
SHOWN_S = 4.0


def times(frame: pd.DataFrame, column: str = "timestamp") -> pd.DatetimeIndex:
    """A column of times."""
    return pd.DatetimeIndex(pd.to_datetime(frame[column], format="ISO8601", utc=True))


def check_samples(rig: Rig, restarts: int = 0) -> None:
    """Each row is of the market at its time, rows in = rows ok, and every beat was read, refused or skipped."""
    state = rig.state("collector.json")
    assert state["status"] == "stopped" and state["restarts"] == restarts
    market = rig.page.market
    for timeframe in schema.RIBBON_TIMEFRAMES:
        rows, chart = rig.collected(timeframe), state["charts"][timeframe]
        _, counts = load_samples(rig.data, timeframe, None, None)
        assert counts.rows_in == counts.ok and counts.set_aside == {}
        assert chart["read"] == len(rows) and chart["rows_given_up"] == 0
        at = times(rows)
        assert at.is_monotonic_increasing and at.is_unique
        span = (at[-1] - at[0]).total_seconds()
        beats = round(span / state["beat_s"]) + 1
        assert len(rows) <= beats <= len(rows) + sum(chart["refused"].values()) + state["skipped"]
        for moment, price in zip(at, rows["price"].astype(float), strict=True):
            stamp = moment.timestamp()
            near = market.prices[(market.times >= stamp - SHOWN_S) & (market.times <= stamp + 0.5)]
            assert price in near, f"{timeframe} {moment}: {price} was not shown then"
        sequence = table(rig.data / schema.SAMPLE_FILES[timeframe])["seq"].astype(int)
        assert (np.diff(sequence) == 1).all()


def check_ticks(rig: Rig) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
    """Each sample of the loop's life has one outcome, and each outcome its sample; times of decisions and of other ticks.

    A sample that came while the loop was not there has none; those between two that it saw all have one.
    """
    decisions, ticks = rig.decisions(), table(rig.data / TICKS_FILE)
    asked, others = times(decisions), times(ticks[ticks["outcome"] != "stale"] if len(ticks) else ticks)
    outcomes = asked.append(others)
    assert outcomes.is_unique, "a tick with two outcomes"
    assert decisions["decision_id"].is_unique
    samples = times(rig.collected("5min"))
    assert outcomes.difference(samples).empty, "an outcome without a sample"
    return asked, others


def check_money(rig: Rig) -> Book:
    """Rows, events and account say the same; each decision was executed once at most; what was spent is what was billed."""
    events = rig.events()
    book = Book.from_events(events)
    rows = rig.decisions().set_index("decision_id")
    ended: dict[str, str] = {}
    for event in rig.events("fill", "void"):
        assert event.decision_id not in ended, "executed twice"
        ended[event.decision_id] = event.kind
    orders = {event.decision_id: event for event in rig.events("order")}
    assert set(ended) <= set(orders)
    assert set(rows.index[rows["executed"] == "True"]) == {
        name for name, kind in ended.items() if kind == "fill"
    }
    for fill in rig.events("fill"):
        assert fill.at <= orders[fill.decision_id].valid_until
    for leg in rig.events("exit"):
        row = rows.loc[leg.decision_id]
        assert row["exit_reason"] == leg.reason
        sign = 1 if row["direction"] == "LONG" else -1
        gross = sign * (float(row["exit_price"]) / float(row["entry_price"]) - 1) * 100
        assert float(row["pnl_pct"]) == pytest.approx(gross, abs=1e-4)
    closed = rows[rows["exit_reason"] != ""]
    value = closed["size"].astype(float) * closed["entry_price"].astype(float)
    net = (value * closed["net_pnl_pct"].astype(float) / 100).sum()
    assert book.equity == pytest.approx(1_000 + net, abs=1e-3)
    spent = spend_of_day(rig.data)
    settled = table(rig.data / SPEND_FILE)
    settled = settled[settled["event"] == "settle"]["usd"].astype(float).sum()
    assert spent.total_usd <= 2.0 and settled <= rig.server.billed_usd + 0.0001
    return book


def check_nothing_left(rig: Rig) -> None:
    """No process, and the key in no file."""
    assert [" ".join(process.cmdline())[:200] for process in rig.living()] == []
    check_secret(rig)


def check_secret(rig: Rig) -> None:
    """The key is in no file of the run and in nobody's arguments."""
    assert rig.holding(rig.server.key) == []


def outcomes_told(rig: Rig) -> dict[str, int]:
    """What `ribbon trade --json` said at its end."""
    return json.loads((rig.logs / "trade.out").read_text(encoding="utf-8"))["outcomes"]
