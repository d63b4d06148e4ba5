"""`ribbon status`: how everything stands, and why there was no entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lib.errors import RibbonError
from runner.cli.options import AsJson, TradingData, answer, data_folder

if TYPE_CHECKING:
    from lib.contract.text_table import TextTable
    from lib.market.terms import Terms
    from runner.claude.settings import ClaudeSettings
    from runner.trade.settings import TradeSettings


def status_command(
    trading_data: TradingData = None,
    why: Annotated[
        str, typer.Option(help="Count the ticks of the last 24h (90m, 7d) by how they ended.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Ages of data, account, position, halts, costs, last decision and cycle; with --why what stopped entries."""
    from runner.errors import EventLogError, words_of
    from runner.status.status import status
    from runner.status.why import parse_span, why_lines
    from runner.status.why import why as why_of
    from runner.trade.book import Book
    from runner.trade.clock import MachineClock
    from runner.trade.known import stamp
    from runner.trade.lost import read_account

    folder = data_folder(trading_data)
    if why:
        now = MachineClock().now_us()
        found = why_of(folder, stamp(now) - parse_span(why), stamp(now))
        parts: list[str | TextTable] = list(why_lines(found))
    else:
        *sections, faults = _settings()
        # The clock is taken last: a running loop goes on writing rows.
        found = status(folder, sections[0], MachineClock().now_us(), *sections[1:])
        found["faults"] = faults + found["faults"]
        parts = _status_parts(found)
    answer(parts, found, as_json)
    try:  # a log that is refused ends this as it ends `ribbon trade`
        Book.from_events(read_account(folder))
    except OSError as error:
        if not any(words_of(error) in fault for fault in found.get("faults", [])):
            raise
    except EventLogError as error:
        if any(str(error) in fault for fault in found.get("faults", [])):
            raise typer.Exit(error.exit_code) from None  # said already
        raise


def _settings() -> tuple[TradeSettings, ClaudeSettings, Terms, list[str]]:
    """The settings of loop and model, and the terms; the default ones, with what is wrong, where the configuration cannot be taken."""
    from lib.market.terms import Terms
    from runner.claude.settings import ClaudeSettings
    from runner.config import load_config
    from runner.errors import words_of
    from runner.trade.settings import TradeSettings

    try:
        config = load_config()
        return config.section("trade"), config.section("claude"), config.section("terms"), []
    except (RibbonError, OSError) as error:
        return TradeSettings(), ClaudeSettings(), Terms(), [f"config: {words_of(error)}"]


def _status_parts(found: dict[str, Any]) -> list[str | TextTable]:
    """For people: where and when, a row a part, and what could not be read."""
    from lib.contract.text_table import TextTable

    rows = _rows(found)
    plain = tuple(f"  {name:<24}{told}".rstrip() for name, told in rows)
    return [
        f"{found['trading_data']} at {found['at']}",
        TextTable(("part", "how it stands"), rows, left=(0, 1), plain=plain),
        *(f"  cannot be read: {fault}" for fault in found["faults"]),
    ]


def _rows(found: dict[str, Any]) -> list[tuple[str, str]]:
    """A name and how it stands; what belongs to the row above is set in."""
    unread = [fault for fault in found["faults"] if fault.startswith("data: ")]
    rows = [
        (name, "unknown: see below" if any(name in fault for fault in unread) else _age(newest))
        for name, newest in (found["data"] or {}).items()
    ]
    unreadable = any(fault.startswith("lessons: ") for fault in found["faults"])
    cycle = "unknown: see below" if unreadable and not found["last_cycle"] else _age(found["last_cycle"])
    rows += [*_account_rows(found), *_trade_rows(found), *_decision_rows(found), ("last cycle", cycle)]
    if lessons := found["lessons"]:
        act_on = "unknown how many" if lessons["act_on"] is None else lessons["act_on"]
        rows.append(("lessons", f"{act_on} to act on of {lessons['proven']} proven"))
        rows += [("  told", told) for told in lessons["told"]]
    rows += _experiment_rows(found["experiment"]) + _held_rows(found["prompt_held"])
    rows += [("warning", found["prompt_warning"])] if found["prompt_warning"] else []
    rows.append(("model today", _model_words(found["model"])))
    rows += _claude_rows(found["claude"]) + _collector_rows(
        found["collector"], any(fault.startswith("collector: ") for fault in found["faults"])
    )
    rows += [(f"{wrong['part']} WRONG", f"{wrong['what']}. {wrong['fix']}") for wrong in found["findings"]]
    return [*rows, ("KILL FILE", "present: no order leaves")] if found["kill_file"] else rows


def _decision_rows(found: dict[str, Any]) -> list[tuple[str, str]]:
    rows, last, tick = [], found["last_decision"], found["last_tick"]
    if last:
        what = "executed" if last["executed"] else last["reason_code"] or "not executed"
        rows.append(("last decision", f"{_age(last)}: {last['direction']} by {last['model']}, {what}"))
    if tick:
        rows.append(
            ("last tick without one", f"{_age(tick)}: {tick['outcome']} {tick['reason_code']}".rstrip())
        )
    return rows


def _model_words(model: dict[str, Any] | None) -> str:
    if model is None:
        return "unknown: see below"
    needed = model["breakeven_bp_per_trade"]
    told = (
        "no trade yet to pay for it"
        if needed is None
        else f"each trade must earn {needed:.2f} bp to pay for it"
    )
    return f"{model['words']}, {model['day_decisions']} decisions; {told}"


def _account_rows(found: dict[str, Any]) -> list[tuple[str, str]]:
    stands = found["account"]
    if stands is None:
        if any(fault.startswith(("account: ", "last_decision: ")) for fault in found["faults"]):
            words = "unknown: see below"
        elif found["last_decision"]:
            words = "none here: these decisions are not of a loop that traded"
        else:
            words = "nothing was traded yet"
        return [("account", words)]
    rows = [
        (
            "account",
            f"equity {stands['equity']:,.2f}, today {stands['day_net']:+,.2f} ({stands['day_net_pct']:+.2f} %), "
            f"fees {stands['day_fees']:,.2f}, {stands['trades_today']} trades, drawdown {stands['drawdown_pct']:.2f} %",
        ),
        (
            "  in all",
            f"{stands['net']:+,.2f} ({stands['net_pct']:+.2f} %) on {stands['closed']:,} closed trades",
        ),
    ]
    if halt := stands["halt"]:
        rows.append(("HALTED", f"{halt['reason']} since {halt['since']}: `ribbon resume` lifts it"))
    return rows


def _trade_rows(found: dict[str, Any]) -> list[tuple[str, str]]:
    """What is held, of an account or at a recording's end, and the trade that was left last."""
    from lib.contract.dollars import plain_number
    from lib.draw.numbers import percent, price_words
    from runner.status.account import held_in

    rows, held, last = [], held_in(found), found["last_trade"]
    if held:
        size = f" {plain_number(held['size'], 6)}" if found["account"] else ""
        told = (
            f"{held['direction']}{size} at {price_words(held['entry_price'])} since {held['entry_time']}, stop "
            f"{price_words(held['stop_price'])}, target {price_words(held['target_price'])}; at the newest price "
            f"{percent(held['net_pct'], 2, signed=True)} after costs"
        )
        rows.append(("position" if found["account"] else "left open at its end", told))
    if last:
        made = percent(last["net_pnl_pct"], 2, signed=True)
        rows.append(("last trade", f"{last['direction']} {made} after costs, left {last['exit_time']}"))
    return rows


def _experiment_rows(stands: dict[str, Any] | None) -> list[tuple[str, str]]:
    """Where the newest experiment stands, and that an arm was gone back to."""
    if stands is None:
        return []
    block = f"; block {stands['block']} is {stands['arm']}" if stands["block"] else ""
    rows = [("experiment", f"{stands['words'].rstrip('.')}{block}")]
    return [*rows, ("GONE BACK", stands["gone_back"])] if stands["gone_back"] else rows


def _held_rows(hold: dict[str, Any] | None) -> list[tuple[str, str]]:
    """A prompt that is told because a person rolled back to it."""
    if hold is None:
        return []
    told = f"{hold['sha256'][:12]} since {hold['since']}: `ribbon lessons rollback --release` ends it"
    rows = [("PROMPT HELD", told)]
    if hold["warning"]:
        rows.append(("warning", hold["warning"]))
    elif not hold["told"]:
        rows.append(("warning", "not told yet: roll back to it again, or run `ribbon cycle`"))
    return rows


def _claude_rows(stands: dict[str, Any] | None) -> list[tuple[str, str]]:
    """What Claude is told, where it was asked in this folder; what is wrong with it is among the findings."""
    if stands is None:
        return []
    without = stands["no_lessons"]
    told = f"without lessons: {without}" if without else "with the published lessons"
    return [("prompt", told)]


def _collector_rows(state: dict[str, Any] | None, unread: bool = False) -> list[tuple[str, str]]:
    """What `collector.json` says; a state that nobody renews is told by its time. `unread`: it is there and cannot be read."""
    if state is None:
        none = "no state written: `ribbon collect` has not run here"
        return [("collector", "unknown: see below" if unread else none)]
    of = "" if state["source"] == "chart" else f" of {state['source']}"
    rows = [("collector", f"{state['status']} at {state['written']}, {state['symbol']}{of}")]
    rows += _venue_rows(state["venue"])
    for name, chart in state["charts"].items():
        refused = sum(chart["refused"].values())
        told = f"{chart['read']:,} readings, {refused:,} refused, newest {chart['quality'] or 'none'} {', '.join(chart['wrong'])}"
        rows.append((f"  {name}", told.rstrip()))
    return rows


def _venue_rows(venue: dict[str, Any] | None) -> list[tuple[str, str]]:
    """How it goes with the exchange that is collected from; nothing of a chart."""
    if venue is None:
        return []
    age = venue["stream_age_s"]
    stream = f"stream of {venue['stream']}" if venue["stream"] else "no stream"
    stream += "" if age is None else f", changed {age:g} s before that, {venue['renewals']:,} times made anew"
    asked = ", ".join(f"{number:,} {word}" for word, number in venue["asked"].items()) or "not yet"
    minutes = (
        f"{venue['minutes']:,} written, {venue['afterwards']:,} of them after a pause; {venue['revised']:,} changed later, "
        f"{venue['torn'] + venue['stale'] + venue['implausible']:,} rows left out, {venue['lost']:,} missing"
    )
    rows = [(f"  {venue['exchange']}", f"{stream}; asked: {asked}"), ("  minutes", minutes)]
    return [*rows, ("  fault", venue["fault"])] if venue["fault"] else rows


def _age(newest: dict[str, Any] | None) -> str:
    from lib.contract.words import age_words

    if newest is None:
        return "none"
    age = newest["age_s"]
    side = "ago" if age >= 0 else "ahead of this machine's clock"
    return f"{age_words(abs(age))} {side} ({newest['at']})"
