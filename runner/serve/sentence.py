"""The first thing that is said: how it stands, in one plain paragraph. What is in backticks is a command or a file.

In the order of what a reader asks: what is held and makes now, what the account made today, what is proven, whether everything runs.
"""

from __future__ import annotations

from typing import Any

from lib.contract.times import parse_instant
from lib.contract.words import age_words
from lib.draw.numbers import counted
from runner.serve.health import Part
from runner.serve.words import clock, dollars, halt_words, owner, percent, price_words, times

#: Characters of what is wrong that still go into the sentence.
_SHORT = 50
#: Lessons that are named.
_MOST = 2


def standing(status: dict[str, Any], parts: list[Part], waits_for: str) -> str:
    """What stops it, and what is held with what it makes now; "" where nothing runs. It changes with each price."""
    if waits_for or _still(status, parts):
        return ""
    return " ".join(part for part in (_stop(status), _position(status, parts)) if part)


def sentence(status: dict[str, Any], parts: list[Part], waits_for: str) -> str:
    """The rest of the paragraph; it changes only where one of its statements does."""
    if waits_for:
        return f"Nothing to show yet: {waits_for}."
    still = _still(status, parts)
    if still:
        return " ".join(part for part in (_stop(status), still) if part)
    said = [_made(status), _asked(status), _proven(status), _tested(status), _runs(parts)]
    return " ".join(part for part in said if part)


def _stop(status: dict[str, Any]) -> str:
    account = status["account"]
    halt = account and account["halt"]
    if halt:
        since = clock(halt["since"], status["at"])
        return (
            f"Halted since {since} by {halt_words(halt['reason'])}: no entry until you say `ribbon resume`."
        )
    return "The kill file is there: no order leaves." if status["kill_file"] else ""


def _still(status: dict[str, Any], parts: list[Part]) -> str:
    """That a folder without an account has data and nothing that runs, and what to do; "" where another thing is to be said."""
    ends = next((part.at for part in parts if part.name == "collector"), None)
    runs = {part.state for part in parts} & {"ok", "wrong"}
    if runs or ends is None or status["account"] is not None or status["faults"]:
        return ""
    said = [
        f"A recording that ended on {clock(ends, status['at'])}:",
        _left(status, ends) or "nothing was traded in it.",
        _proven(status),
        "Nothing runs here: `ribbon up` begins.",
    ]
    return " ".join(part for part in said if part)


def _left(status: dict[str, Any], ends: str) -> str:
    """What a recording held at its end, and its last trade."""
    held, last = status["left_open"], status["last_trade"]
    said = [f"{_entered(held, ends)}." if held else "flat." if last else ""]
    if last:
        said.append(
            f"Its last trade, {last['direction']}, made {percent(last['net_pnl_pct'], 2, signed=True)}."
        )
    return " ".join(part for part in said if part)


def _entered(held: dict[str, Any], now: str) -> str:
    levels = "".join(
        f", {name} {price_words(held[f'{name}_price'])}"
        for name in ("stop", "target")
        if held[f"{name}_price"] is not None
    )
    return f"{held['direction']} since {clock(held['entry_time'], now)} at {price_words(held['entry_price'])}{levels}"


def _position(status: dict[str, Any], parts: list[Part]) -> str:
    account = status["account"]
    if account is None:
        unread = any(fault.startswith("account: ") for fault in status["faults"])
        if unread:
            return "The account cannot be read."
        if status["last_decision"]:
            return "No account here: these decisions are not of a loop that traded."
        return "Nothing was traded here yet."
    held = account["position"]
    if held:
        begun = f"{held['direction']} since {clock(held['entry_time'], status['at'])}"
        if held["net_pct"] is None:
            return f"{begun}, no price."
        reads = next(part.state for part in parts if part.name == "collector") == "ok"
        made = f"{percent(held['net_pct'], 2, signed=True)} ({dollars(held['net_pct'] * abs(held['value']) / 100)})"
        return f"{begun}: {made} {'now' if reads else 'at the last price'}, after costs; {_stands(held, status['at'])}."
    if account["ordered"]:
        return "An order waits for its fill."
    if account["last_exit_at"]:
        return f"Flat since {clock(account['last_exit_at'], status['at'])}."
    return "Flat, no trade yet."


def _stands(held: dict[str, Any], now: str) -> str:
    """How far a position's price is from its stop, percent of the price, and the time that it has left."""
    price, stop = held["price"], held["stop_price"]
    above = price > stop
    side = ("above" if above else "below") if above == (held["direction"] == "LONG") else "beyond"
    left_s = (parse_instant(held["time_exit_at"]) - parse_instant(now)).total_seconds()
    left = f"{age_words(left_s)} left" if left_s > 0 else "its time is over"
    return f"{percent(abs(stop / price - 1) * 100, 2)} {side} its stop, {left}"


def _made(status: dict[str, Any]) -> str:
    """What the account made today."""
    account = status["account"]
    if account is None:
        return ""
    closed = account["closed_today"]
    if not closed:
        began = account["position"] or account["last_exit_at"] or account["ordered"]
        return "No trade closed today." if began else ""
    return f"Today {percent(account['day_net_pct'], 2, signed=True)} on {counted(closed, 'closed trades')}."


def _asked(status: dict[str, Any]) -> str:
    model, last = status["model"], status["last_decision"]
    if model is None or status["account"] is None:
        return ""
    if model["calls"]:
        return ""  # how often and for how much stands with the account
    if last and model["day_decisions"]:
        who = owner(last)
        verb = "was" if who != "The rules" else "were"
        return f"{who} {verb} asked {times(model['day_decisions'])}."
    return "Nobody was asked today."


def _proven(status: dict[str, Any]) -> str:
    """Which lessons are proven and to act on; "" before a first cycle."""
    lessons = status["lessons"]
    if lessons is None:
        return ""
    named = [lesson.partition(". ")[0].partition(": ")[2] or lesson for lesson in lessons["told"][:_MOST]]
    if not named:
        return "Nothing to act on is proven."
    more = len(lessons["told"]) - len(named)
    # Each is lower at its beginning, but for a word that is a code.
    said = [f"{name[0].lower()}{name[1:]}" if name[1:2].islower() else name for name in named]
    return f"Proven: {'; '.join(said)}{f'; and {more} more' if more else ''}."


def _tested(status: dict[str, Any]) -> str:
    """What a running experiment, or one that was gone back from, says; one that has ended says no more here."""
    stands = status["experiment"]
    if not stands or not (stands["running"] or stands["gone_back"]):
        return ""
    verdict = {"helps": "it helps", "harms": "it harms, and was gone back from"}.get(
        stands["verdict"], "not yet"
    )
    return f"Experiment {stands['id']}: {verdict}."


def _runs(parts: list[Part]) -> str:
    wrong = [part for part in parts if part.state == "wrong"]
    off = [part.name for part in parts if part.state == "off"]
    said = []
    if wrong:
        said.append(f"Needs a look: {'; '.join(map(_wrong, wrong))}.")
    if off:
        said.append(f"Not running here: {_listed(off)}.")
    return " ".join(said) or "Everything runs."


def _wrong(part: Part) -> str:
    """A part that needs a look; what is wrong with it where that is short, else its own place says it."""
    name = part.name if part.name == "Claude" else f"the {part.name}"
    return f"{name}, {part.words}" if len(part.words) < _SHORT else name


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
