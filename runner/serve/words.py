"""The words of the page and of the terminal for what stands in files as codes, and times and amounts as both print them."""

from __future__ import annotations

from typing import Any

from lib.contract.times import parse_instant
from lib.contract.words import age_words
from lib.data.decisions import kind_of
from lib.draw.numbers import dollars, percent, price_words

__all__ = ["dollars", "percent", "price_words"]

#: (outcome, reason code) of a tick that asked nobody; a code that is missing here goes by its outcome alone (reference/reason-codes).
_QUIET = {
    ("gate", "closed"): "nothing to ask",
    ("gate", "held"): "position open, nothing to ask",
    ("gate", "ordered"): "an order waits for its fill",
    ("stale", ""): "samples too old",
    ("stale", "silence"): "no sample came",
    ("ahead", ""): "samples ahead of the clock",
    ("schema", ""): "a sample that cannot be read",
    ("frozen", ""): "the chart stood still",
    ("partial", ""): "lines of the ribbon are missing",
    ("venue_mismatch", ""): "ribbon and price are of two venues",
    ("symbol", ""): "a sample of another market",
    ("unknown", ""): "the ribbon's state is unknown",
    ("timeframe", ""): "a candle of another length",
    ("disk", ""): "the disk takes nothing",
    ("rail", "kill"): "the kill file is there",
    ("rail", "halt_daily_loss"): "halted: loss of the day",
    ("rail", "halt_drawdown"): "halted: drawdown",
    ("rail", "halt_venue"): "halted: the exchange holds something else",
    ("rail", "halt_no_stop"): "halted: no stop at the exchange",
    ("rail", "cooldown"): "pause after an exit",
    ("rail", "hour"): "the hour's entries are used up",
    ("rail", "day"): "the day's entries are used up",
    ("busy", ""): "an earlier call is still out",
    ("budget", ""): "the day's budget is used up",
    ("blocked", ""): "the API refuses",
}
#: What became of a decision that made no order.
_RESULTS = {
    "executed": "entered",
    "ordered": "ordered",
    "not_recommended": "no entry recommended",
    "held": "keep the position",
    "exit_advised": "left, as advised",
    "rail_confidence": "refused: confidence too low",
    "rail_stop": "refused: stop out of range",
    "rail_target": "refused: target out of range",
    "rail_cooldown": "refused: pause after an exit",
    "rail_hour": "refused: the hour's entries are used up",
    "rail_day": "refused: the day's entries are used up",
    "rail_kill": "refused: kill file",
    "rail_halt_daily_loss": "refused: halted",
    "rail_halt_drawdown": "refused: halted",
    "expired": "expired: no price came in time",
    "spacing": "refused: too soon after the last entry",
    "imported": "imported",
    "timeout": "no answer in time",
}
_HALTS = {
    "daily_loss": "the loss of the day",
    "drawdown": "the drawdown",
    "venue": "the exchange holds something else than the book",
    "no_stop": "the exchange took no stop",
}


def quiet_words(outcome: str, code: str) -> str:
    """Why a tick asked nobody; the code itself where it is none of ours."""
    known = _QUIET.get((outcome, code)) or _QUIET.get((outcome, ""))
    return known or " ".join(word for word in (outcome, code) if word)


def result_words(result: str) -> str:
    """What became of a decision; the code itself where it is none of ours."""
    return _RESULTS.get(result, result.replace("_", " "))


def halt_words(reason: str) -> str:
    """What halted the account."""
    return _HALTS.get(reason.removeprefix("halt_"), reason.replace("_", " "))


def state_words(state: str) -> str:
    """all_green → all green."""
    return state.replace("_", " ")


def clock(iso_time: str | None, now: str = "") -> str:
    """`14:05`, and the day too where it is another than that of `now` (ISO times), and the year likewise; an en dash for none."""
    if not iso_time:
        return "–"
    at, day = parse_instant(iso_time), parse_instant(now).date() if now else None
    if at.date() == day:
        return f"{at:%H:%M}"
    year = f" {at:%Y}" if day and at.year != day.year else ""
    return f"{at.day} {at:%b}{year} {at:%H:%M}"


def day(iso_time: str, now: str) -> str:
    """`5 Jan`, and the year too where it is another than that of `now` (ISO times)."""
    at = parse_instant(iso_time)
    return f"{at.day} {at:%b}{'' if at.year == parse_instant(now).year else f' {at:%Y}'}"


def time_left(until: str, now: str) -> str:
    """`in 15 min`; `over` where it has passed."""
    seconds = (parse_instant(until) - parse_instant(now)).total_seconds()
    return f"in {age_words(seconds)}" if seconds > 0 else "over"


def purse(account: dict[str, Any] | None) -> str:
    """Whose money it is: PAPER, TESTNET or REAL MONEY; RECORDING where no account is there."""
    if account is None:
        return "RECORDING"
    return "REAL MONEY" if "real-money" in account["at"] else "TESTNET" if account["at"] else "PAPER"


def times(count: int, once: str = "once", unit: str = "times") -> str:
    """once, twice, 17 times."""
    return {1: once, 2: "twice"}.get(count, f"{count:,} {unit}")


def owner(decision: dict[str, Any]) -> str:
    """Who decided, of a decision with its `model` and `reason_code`."""
    known = {"rules": "The rules", "simulated": "The simulated trader", "imported": "Another bot"}
    return known.get(kind_of(decision["model"], decision.get("reason_code", "")), "Claude")
