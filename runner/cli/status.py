"""`ribbon status`: how everything stands, and why there was no entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lib.errors import RibbonError
from runner.cli.options import AsJson, TradingData, answer, data_folder

if TYPE_CHECKING:
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
    from runner.errors import EventLogError
    from runner.status.status import status
    from runner.status.why import parse_span, why_lines
    from runner.status.why import why as why_of
    from runner.trade.book import Book
    from runner.trade.clock import MachineClock
    from runner.trade.events import read_events
    from runner.trade.known import stamp

    folder, now = data_folder(trading_data), MachineClock().now_us()
    if why:
        found = why_of(folder, stamp(now) - parse_span(why), stamp(now))
        lines = why_lines(found)
    else:
        settings, claude, faults = _settings()
        found = status(folder, settings, now, claude)
        found["faults"] = faults + found["faults"]
        lines = _status_lines(found)
    answer(lines, found, as_json)
    try:  # a log that is refused ends this as it ends `ribbon trade`
        Book.from_events(read_events(folder))
    except OSError:
        return  # said already
    except EventLogError as error:
        if any(str(error) in fault for fault in found.get("faults", [])):
            raise typer.Exit(error.exit_code) from None  # said already
        raise


def _settings() -> tuple[TradeSettings, ClaudeSettings, list[str]]:
    """The settings of loop and model; the default ones, with what is wrong, where the configuration cannot be taken."""
    from runner.claude.settings import ClaudeSettings
    from runner.config import load_config
    from runner.trade.settings import TradeSettings

    try:
        config = load_config()
        return config.section("trade"), config.section("claude"), []
    except (RibbonError, OSError) as error:
        return TradeSettings(), ClaudeSettings(), [f"config: {error}"]


def _status_lines(found: dict[str, Any]) -> list[str]:
    """For people."""
    lines = [f"{found['trading_data']} at {found['at']}"]
    for name, newest in (found["data"] or {}).items():
        lines.append(f"  {name:<24}{_age(newest)}")
    lines += _account_lines(found)
    last, tick = found["last_decision"], found["last_tick"]
    if last:
        what = "executed" if last["executed"] else last["reason_code"] or "not executed"
        lines.append(
            f"  last decision           {_age(last)}: {last['direction']} by {last['model']}, {what}"
        )
    if tick:
        lines.append(
            f"  last tick without one   {_age(tick)}: {tick['outcome']} {tick['reason_code']}".rstrip()
        )
    lines.append(f"  last cycle              {_age(found['last_cycle'])}")
    if lessons := found["lessons"]:
        act_on = "unknown how many" if lessons["act_on"] is None else lessons["act_on"]
        lines.append(f"  lessons                 {act_on} to act on of {lessons['proven']} proven")
    lines += _experiment_lines(found["experiment"])
    lines += _held_lines(found["prompt_held"])
    lines += [f"  warning                 {found['prompt_warning']}"] if found["prompt_warning"] else []
    lines += _model_lines(found["model"])
    lines += _claude_lines(found["claude"]) + _collector_lines(found["collector"])
    lines += [
        f"  {wrong['part'] + ' WRONG':<24}{wrong['what']}. {wrong['fix']}" for wrong in found["findings"]
    ]
    if found["kill_file"]:
        lines.append("  KILL FILE               present: no order leaves")
    return lines + [f"  cannot be read: {fault}" for fault in found["faults"]]


def _model_lines(model: dict[str, Any] | None) -> list[str]:
    if model is None:
        return ["  model today             unknown: see below"]
    needed = model["breakeven_bp_per_trade"]
    told = (
        "no trade yet to pay for it"
        if needed is None
        else f"each trade must earn {needed:.2f} bp to pay for it"
    )
    return [f"  model today             {model['words']}, {model['day_decisions']} decisions; {told}"]


def _account_lines(found: dict[str, Any]) -> list[str]:
    stands = found["account"]
    if stands is None:
        if any(fault.startswith("account: ") for fault in found["faults"]):
            words = "unknown: see below"
        elif found["last_decision"]:
            words = "none here: these decisions are not of a loop that traded"
        else:
            words = "nothing was traded yet"
        return [f"  account                 {words}"]
    lines = [
        f"  account                 equity {stands['equity']:,.2f}, today {stands['day_net']:+,.2f} "
        f"({stands['day_net_pct']:+.2f} %), fees {stands['day_fees']:,.2f}, {stands['trades_today']} trades, "
        f"drawdown {stands['drawdown_pct']:.2f} %"
    ]
    if position := stands["position"]:
        lines.append(
            f"  position                {position['direction']} {position['size']:.6g} at {position['entry_price']:.6g} "
            f"since {position['entry_time']}, stop {position['stop_price']:.6g}, target {position['target_price']:.6g}"
        )
    if halt := stands["halt"]:
        lines.append(
            f"  HALTED                  {halt['reason']} since {halt['since']}: `ribbon resume` lifts it"
        )
    return lines


def _experiment_lines(stands: dict[str, Any] | None) -> list[str]:
    """Where the newest experiment stands, and that an arm was gone back to."""
    if stands is None:
        return []
    block = f"; block {stands['block']} is {stands['arm']}" if stands["block"] else ""
    lines = [f"  experiment              {stands['words'].rstrip('.')}{block}"]
    return lines + ([f"  GONE BACK               {stands['gone_back']}"] if stands["gone_back"] else [])


def _held_lines(hold: dict[str, Any] | None) -> list[str]:
    """A prompt that is told because a person rolled back to it."""
    if hold is None:
        return []
    lines = [
        f"  PROMPT HELD             {hold['sha256'][:12]} since {hold['since']}: `ribbon lessons rollback --release` ends it"
    ]
    if hold["warning"]:
        lines.append(f"  warning                 {hold['warning']}")
    elif not hold["told"]:
        lines.append("  warning                 not told yet: roll back to it again, or run `ribbon cycle`")
    return lines


def _claude_lines(stands: dict[str, Any] | None) -> list[str]:
    """What Claude is told, and warnings, where it was asked in this folder; that it is not asked is one of the findings."""
    if stands is None:
        return []
    without = stands["no_lessons"]
    told = f"without lessons: {without}" if without else "with the published lessons"
    return [
        f"  prompt                  {told}",
        *(f"  warning                 {warning}" for warning in stands["warnings"]),
    ]


def _collector_lines(state: dict[str, Any] | None) -> list[str]:
    """What `collector.json` says; a state that nobody renews is told by its time."""
    if state is None:
        return ["  collector               no state written: `ribbon collect` has not run here"]
    of = "" if state["source"] == "chart" else f" of {state['source']}"
    lines = [f"  collector               {state['status']} at {state['written']}, {state['symbol']}{of}"]
    lines += _venue_lines(state["venue"])
    for name, chart in state["charts"].items():
        refused = sum(chart["refused"].values())
        lines.append(
            f"    {name:<22}{chart['read']:,} readings, {refused:,} refused, "
            f"newest {chart['quality'] or 'none'} {', '.join(chart['wrong'])}".rstrip()
        )
    return lines


def _venue_lines(venue: dict[str, Any] | None) -> list[str]:
    """How it goes with the exchange that is collected from; nothing of a chart."""
    if venue is None:
        return []
    age = venue["stream_age_s"]
    stream = f"stream of {venue['stream']}" if venue["stream"] else "no stream"
    stream += "" if age is None else f", changed {age:g} s before that, {venue['renewals']:,} times made anew"
    asked = ", ".join(f"{number:,} {word}" for word, number in venue["asked"].items()) or "not yet"
    lines = [
        f"    {venue['exchange']:<22}{stream}; asked: {asked}",
        f"    {'minutes':<22}{venue['minutes']:,} written, {venue['afterwards']:,} of them after a pause; "
        f"{venue['revised']:,} changed later, {venue['torn'] + venue['stale']:,} left out",
    ]
    return [*lines, f"    {'fault':<22}{venue['fault']}"] if venue["fault"] else lines


def _age(newest: dict[str, Any] | None) -> str:
    from lib.contract.words import age_words

    if newest is None:
        return "none"
    return f"{age_words(newest['age_s'])} ago ({newest['at']})"
