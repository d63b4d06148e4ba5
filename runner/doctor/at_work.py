"""Checks of what is at work, by what it leaves in the data folder: charts, parts of `ribbon up`, account, and whether Claude answers."""

from __future__ import annotations

import time

import pandas as pd

from lib.errors import DataError, RibbonError
from runner.claude.standing import ClaudeState, read_standing
from runner.collect.collector_state import read_collector
from runner.config import load_config
from runner.doctor.findings import CheckResult, Installation
from runner.status.status import StatusReader
from runner.trade.book import Book
from runner.trade.lost import read_account
from runner.trade.rails import Rails
from runner.trade.settings import TradeSettings
from runner.up.stopped import stopped_findings


def collector(patient: Installation) -> CheckResult:
    """Whether the collector is at work, and each chart is read and moves."""
    try:
        state = read_collector(patient.trading_data)
    except DataError as error:
        return CheckResult("collector", "warn", error.problem, "Start `ribbon collect`: it writes it anew")
    if state is None:
        return CheckResult("collector", "ok", "`ribbon collect` has not run here")
    return CheckResult.of(
        "collector",
        state.findings(pd.Timestamp.now("UTC")),
        f"{state.status}, {state.symbol}, {state.written}",
    )


def parts(patient: Installation) -> CheckResult:
    """Whether a part of a running `ribbon up` was stopped."""
    return CheckResult.of("parts", stopped_findings(patient.trading_data), "none of `ribbon up` is stopped")


def account(patient: Installation) -> CheckResult:
    """Whether the event log of the folder can be gone on from. What raises is told as it is: `ribbon trade` refuses for it."""
    book = Book.from_events(read_account(patient.trading_data))
    if not book.opened:
        return CheckResult("account", "ok", "nothing was traded here yet")
    if book.halted:
        return CheckResult("account", "warn", f"halted: {book.halted}", "`ribbon resume` lifts it")
    status = StatusReader(patient.trading_data, TradeSettings())
    told = status.unwatched(time.time_ns() // 1_000) if book.held else []
    wrong = [(each["what"], each["fix"]) for each in told]
    return CheckResult.of("account", wrong, f"equity {book.equity:,.2f} after {len(book.closed):,} trades")


def broker(patient: Installation) -> CheckResult:
    """Whether orders could leave: both switches, keys, and what the exchange says to them; nothing is ordered. Paper reads no key."""
    try:
        config = load_config(patient.config)
    except (OSError, RibbonError):  # said by its own check
        return CheckResult(
            "broker", "warn", "not known while the configuration cannot be read", "Mend it first"
        )
    trade = config.section("trade")
    if patient.trading_data.is_dir() and Rails(trade.rails, patient.trading_data).killed():
        return CheckResult(
            "broker", "warn", f"the kill file {trade.rails.kill_file} is there: no order leaves", "Remove it"
        )
    if trade.broker == "paper":
        return CheckResult("broker", "ok", "paper: no order leaves this machine")
    from runner.exchange.start import looked_at  # it imports ccxt, which takes a second

    told = looked_at(config, ask=patient.ask_network)
    return CheckResult("broker", "ok", told)


def claude(patient: Installation) -> CheckResult:
    """Whether Claude could be asked when that was last tried."""
    try:
        found = read_standing(patient.trading_data, pd.Timestamp.now("UTC"))
    except DataError as error:
        return CheckResult("claude", "warn", error.problem, "`ribbon trade` writes it anew")
    if found is None:
        return CheckResult("claude", "ok", "was not asked here yet")
    return CheckResult.of(
        "claude", found[0].findings(found[1]), f"answered when it was last asked{_models(found[0])}"
    )


def _models(state: ClaudeState) -> str:
    """Which models are asked, where one is asked before the other."""
    if not state.first_model:
        return ""
    decisions = state.first_alone + state.asked_on
    return f": {state.first_model} first, {state.model} in {state.asked_on} of {decisions} decisions"
