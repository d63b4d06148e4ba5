"""The view on a terminal: the answer first, then position, ribbon, today and who is at work, then the feed.

Texts are plain `Text`, never markup, so that nothing of data is taken for a colour; marks that cannot be seen are escaped by the console
(runner.terminal.console).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from lib.contract.times import parse_instant
from lib.contract.words import age_words
from runner.serve.feed import more_like
from runner.serve.words import (
    clock,
    day,
    dollars,
    percent,
    price_words,
    quiet_words,
    result_words,
    state_words,
    times,
)
from runner.status.account import held_in

#: Feed rows of a snapshot in a pipe.
_ROWS = 12
_STATES = {"all_green": "green", "mixed_green": "green", "all_red": "red", "mixed_red": "red"}
_LINES = {"green": "green", "red": "red", "yellow": "yellow"}
_LAMPS = {"ok": ("● ", "green"), "wrong": ("■ ", "red"), "off": ("○ ", "")}
_LOOK_S = 0.1
_DAY_S = 86_400


def snapshot(view: dict[str, Any], rows: int = _ROWS) -> RenderableType:
    """All of it, with `rows` of the feed."""
    status = view["status"]
    return Group(
        Text(" ".join((view["standing"], view["answer"])).strip().replace("`", ""), style="bold"),
        Text(""),
        Columns([_market(view), _today(status), _health(view)], padding=(0, 4)),
        *_notes(status),
        *_told(status),
        Text(""),
        _feed(view, rows),
        Text(
            f"\n{status['trading_data']} at {status['at']}; times are UTC, money is after costs", style="dim"
        ),
    )


def redraw(
    shown: Console, look: Callable[[], dict[str, Any]], every: float, wants_end: Callable[[], bool]
) -> None:
    """Look every so many seconds and draw over what stood there, until it is to end."""
    with Live(console=shown, screen=True, auto_refresh=False, vertical_overflow="crop") as live:
        while not wants_end():
            view = look()
            rows = shown.height - 18 - len(_told(view["status"]))
            live.update(snapshot(view, max(4, rows)), refresh=True)
            end = time.monotonic() + every
            while time.monotonic() < end and not wants_end():
                time.sleep(_LOOK_S)


def _pairs(title: str, pairs: list[tuple[str, Text]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    table.add_row(Text(title, style="bold not dim"), Text(""))
    for name, value in pairs:
        table.add_row(Text(name), value)
    return table


def _market(view: dict[str, Any]) -> Table:
    status = view["status"]
    account, market = status["account"], status["market"] or {}
    held, main = held_in(status), market.get("5min")
    pairs = [("price", Text(price_words(main["price"] if main else None)))]
    for name in ("5min", "15min"):
        if chart := market.get(name):
            pairs.append((name, _ribbon(chart)))
    if held:
        net = held["net_pct"]
        pairs += [
            (
                "entry",
                Text(f"{price_words(held['entry_price'])} at {clock(held['entry_time'], status['at'])}"),
            ),
            ("stop", Text(price_words(held["stop_price"]))),
            ("target", Text(price_words(held["target_price"]))),
            ("it makes", Text(f"{percent(net, 2, signed=True)} after costs", style=_tone(net))),
        ]
    if last := status["last_trade"]:
        net = last["net_pnl_pct"]
        told = f"{last['direction']} {percent(net, 2, signed=True)}, left {clock(last['exit_time'], status['at'])}"
        pairs.append(("last trade", Text(told, style=_tone(net))))
    title = held["direction"] if held else "Flat" if account else "Market"
    return _pairs(f"{title} {main['symbol'] if main else ''}".strip(), pairs)


def _ribbon(chart: dict[str, Any]) -> Text:
    told = Text(f"{state_words(chart['state'])} ", style=_STATES.get(chart["state"], ""))
    for colour in chart["colours"]:
        told.append("▪" if colour in _LINES else "·", style=_LINES.get(colour, "dim"))
    if chart["quality"] != "ok":
        told.append(f" {state_words(chart['quality'])}", style="yellow")
    return told


def _today(status: dict[str, Any]) -> Table:
    account, model = status["account"], status["model"]
    pairs = []
    if account:
        net = f"{dollars(account['day_net'])} ({percent(account['day_net_pct'], 2, signed=True)}) on {account['closed_today']}"
        pairs.append(("after costs", Text(net, style=_tone(account["day_net"]))))
        net = f"{dollars(account['net'])} ({percent(account['net_pct'], 2, signed=True)}) on {account['closed']}"
        pairs.append(
            ("this account", Text(f"{net}{_since(account, status['at'])}", style=_tone(account["net"])))
        )
    if model:
        cost = dollars(model["billed_usd"] + model["reserved_usd"]).lstrip("+")
        pairs.append(("model", Text(f"{cost} for {model['calls']} calls")))
    if account:
        pairs.append(
            ("equity", Text(f"{account['equity']:,.2f}, drawdown {percent(account['drawdown_pct'], 2)}"))
        )
    if lessons := status["lessons"]:
        pairs.append(("lessons", Text(f"{lessons['act_on']} to act on, {lessons['proven']} proven")))
    return _pairs("Today", pairs)


def _since(account: dict[str, Any], now: str) -> str:
    first = account["first_entry_at"]
    return f" since {day(first, now)}" if first else ""


def _health(view: dict[str, Any]) -> Table:
    now = parse_instant(view["status"]["at"])
    pairs = []
    for part in view["health"]:
        lamp, style = _LAMPS[part["state"]]
        pairs.append((part["name"], Text.assemble((lamp, style), f"{part['words']}{_when(part['at'], now)}")))
    return _pairs("At work", pairs)


def _when(at: str | None, now: datetime) -> str:
    """How long ago; of what is older than a day its date."""
    if at is None:
        return ""
    age_s = (now - parse_instant(at)).total_seconds()
    return f", {age_words(age_s)} ago" if age_s < _DAY_S else f", {clock(at, now.isoformat())}"


def _notes(status: dict[str, Any]) -> list[Text]:
    found = [f"{wrong['part']}: {wrong['what']}. {wrong['fix']}" for wrong in status["findings"]]
    found += [status["prompt_warning"]] if status["prompt_warning"] else []
    notes = [Text(note, style="yellow") for note in found]
    return (
        [Text("")] * bool(notes or status["faults"])
        + notes
        + [Text(f"cannot be read: {fault}", style="red") for fault in status["faults"]]
    )


def _told(status: dict[str, Any]) -> list[Text]:
    """What Claude is told, a line a lesson."""
    told = (status["lessons"] or {}).get("told", [])
    return [Text(f"told: {lesson}", style="dim", no_wrap=True, overflow="ellipsis") for lesson in told]


def _feed(view: dict[str, Any], rows: int) -> RenderableType:
    if not view["feed"]:
        return Text("No decision yet.", style="dim")
    table = Table.grid(padding=(0, 2), expand=True)
    for width in (12, 6, 5):
        table.add_column(no_wrap=True, min_width=min(width, 6))
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for each in view["feed"][:rows]:
        table.add_row(*_row(each, view["status"]["at"]))
    return table


def _row(each: dict[str, Any], now: str) -> tuple[Text, ...]:
    if each["kind"] == "quiet":
        told = f"looked {times(each['count'])}: " + ", ".join(
            quiet_words(why["outcome"], why["reason_code"]) for why in each["reasons"]
        )
        return Text(clock(each["until"], now), "dim"), Text(""), Text(""), Text(told, "dim")
    sure = (
        ""
        if each["confidence"] is None or each["direction"] == "HOLD"
        else percent(each["confidence"] * 100, 0)
    )
    tone = {"LONG": "green", "SHORT": "red"}.get(each["direction"], "")
    told = Text("" if each["result"] in ("HOLD", "hold") else result_words(each["result"]))
    if each["net_pnl_pct"] is not None:
        told.append(f" {percent(each['net_pnl_pct'], 2, signed=True)}", style=_tone(each["net_pnl_pct"]))
    elif each["result"] == "executed":
        told.append(", no exit yet")
    if each["reasoning"]:
        told.append(f"{'  ' if told else ''}{each['reasoning']}".replace("\n", " "), style="dim")
    if each["like"]:
        told = Text.assemble((f"{more_like(each['like'])}; ", "dim"), told)
    return Text(clock(each["at"], now)), Text(each["direction"], tone), Text(sure), told


def _tone(value: float | None) -> str:
    return "" if not value else "green" if value > 0 else "red"
