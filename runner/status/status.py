"""How everything stands, from the files alone: no lock is taken and no process asked, so that it works while all of it runs, or none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from lib.contract import schema
from lib.contract.times import iso
from lib.data.decisions import load_decisions
from lib.data.newest import newest_in
from lib.errors import DataError, RibbonError
from lib.lessons.choices import choices_warning
from lib.market.costs import SIGN, model_cost_bp
from lib.prompt.hold import hold_warning, load_hold
from lib.published.listing import prompt_warning
from lib.published.pair import load_insights, read_prompt
from runner.claude.model_cost import cost_of_day
from runner.claude.settings import ClaudeSettings
from runner.claude.standing import read_standing
from runner.collect.collector_state import read_collector
from runner.cycle.inputs import published_as_of
from runner.files.header import read_header
from runner.trade.book import DAY, Book, not_after
from runner.trade.events import Event, read_events
from runner.trade.known import stamp
from runner.trade.rails import Rails, account
from runner.trade.settings import TradeSettings
from runner.trade.tick_log import FIRST_COLUMNS, TICKS_FILE


def status(
    folder: Path, settings: TradeSettings, now_us: int, claude: ClaudeSettings | None = None
) -> dict[str, Any]:
    """Everything as JSON types; a part that cannot be read says why under `faults` and is null. `claude` has the limits of its cost."""
    now = stamp(now_us).floor("s")
    found: dict[str, Any] = {"trading_data": str(folder), "at": iso(now), "faults": [], "findings": []}
    events = _tried(found["faults"], "account", lambda: not_after(read_events(folder), now_us))
    parts = {
        "data": lambda: _data(folder, now, found),
        "account": lambda: _account(events, now_us),
        "last_decision": lambda: _last_decision(folder, now),
        "model": lambda: _model(folder, events, now_us, claude or ClaudeSettings()),
        "last_tick": lambda: _last_tick(folder, now),
        "last_cycle": lambda: _aged(published_as_of(folder), now),
        "lessons": lambda: _lessons(folder),
        "prompt_held": lambda: _prompt_held(folder),
        "prompt_warning": lambda: prompt_warning(folder),
    }
    for name, read in parts.items():
        found[name] = _tried(found["faults"], name, read)
    if warning := _tried(found["faults"], "choices", lambda: choices_warning(folder)):
        found["faults"].append(f"choices: {warning}")
    found["kill_file"] = Rails(settings.rails, folder).killed()
    for name, look in {"collector": _collector, "claude": _claude}.items():
        found[name] = _tried(found["faults"], name, lambda look=look: look(folder, now, found["findings"]))
    return found


def _tried(faults: list[str], name: str, read: Callable[[], Any]) -> Any:
    """What a part gives; null where it cannot be read, with the reason among `faults`."""
    try:
        return read()
    except (RibbonError, OSError) as error:
        faults.append(f"{name}: {error}")
    except (
        Exception
    ) as error:  # damage beyond what readers know is a fault of that part, never the end of all of them
        faults.append(f"{name}: {type(error).__name__}: {error}")
    return None


def _lessons(folder: Path) -> dict[str, Any] | None:
    """How many lessons are to be acted on and how many are proven; null while nothing is published."""
    insights = load_insights(folder)
    return insights and {name: insights["evidence"][name] for name in ("act_on", "proven")}


def _data(folder: Path, now: pd.Timestamp, found: dict[str, Any]) -> dict[str, Any]:
    """The age of each file; null for one that cannot be read, which is said of that file alone, as is what lies ahead of the clock."""
    names = (*schema.SAMPLE_FILES.values(), *schema.CANDLE_FILES.values())
    there = [name for name in names if (folder / name).exists()]
    return {
        name: _tried(
            found["faults"], "data", lambda path=folder / name: _newest(path, now, found["findings"])
        )
        for name in there
    }


def _newest(path: Path, now: pd.Timestamp, findings: list[dict[str, str]]) -> dict[str, Any] | None:
    newest = newest_in(path, now=now)
    if (last := newest_in(path)) is not None and last != newest:
        what = f"{path.name} has rows ahead of this machine's clock, up to {iso(last)}; they are set aside"
        findings.append({"part": "data", "what": what, "fix": "Set the clock right"})
    return _aged(newest, now)


def _aged(at: pd.Timestamp | None, now: pd.Timestamp) -> dict[str, Any] | None:
    return None if at is None else {"at": iso(at), "age_s": round((now - at).total_seconds(), 1)}


def _account(events: list[Event] | None, now_us: int) -> dict[str, Any] | None:
    """The account by its events; null where there are none, or they cannot be read."""
    if not events:
        return None
    book = Book.from_events(events)
    stands = account(book, now_us)
    today = now_us - now_us % DAY
    fees = sum(event.fee for event in events if event.kind in ("fill", "exit") and event.at >= today)
    return {
        "equity": stands.equity,
        "day_net": stands.day_net,
        "day_net_pct": stands.day_net_pct,
        "day_fees": fees,
        "drawdown_pct": stands.drawdown_pct,
        "trades_today": stands.trades_today,
        "trades_this_hour": stands.trades_this_hour,
        "halt": {"reason": book.halted, "since": iso(stamp(book.halt.at))} if book.halt else None,
        "ordered": book.order.decision_id if book.order else None,
        "position": _position(book),
    }


def _position(book: Book) -> dict[str, Any] | None:
    trade, fill = book.watched(), book.held
    if trade is None or fill is None:
        return None
    target, stop = trade.levels()
    return {
        "decision_id": fill.decision_id,
        "direction": fill.direction,
        "size": fill.size,
        "entry_price": fill.price,
        "entry_time": iso(stamp(fill.at)),
        "stop_price": stop,
        "target_price": target,
        "time_exit_at": iso(stamp(trade.time_exit_at)),
        "value": SIGN[fill.direction] * fill.size * fill.price,
    }


def _last_decision(folder: Path, now: pd.Timestamp) -> dict[str, Any] | None:
    newest = newest_in(folder / schema.DECISIONS_FILE, now=now)
    rows, _ = load_decisions(folder, None if newest is None else newest - pd.Timedelta(days=1), now)
    if rows.empty:
        return None
    row = rows.iloc[-1]
    told = {name: str(row[name]) for name in ("decision_id", "direction", "reason_code", "model")}
    return {
        **(_aged(row["timestamp"], now) or {}),
        **told,
        "confidence": None if pd.isna(row["confidence"]) else float(row["confidence"]),
        "executed": bool(row["executed"]),
    }


def _model(
    folder: Path, events: list[Event] | None, now_us: int, claude: ClaudeSettings
) -> dict[str, Any] | None:
    """What the model cost today, and the basis points that each of today's trades must earn to pay for it; null without events to read."""
    if events is None:
        return None
    midnight = stamp(now_us - now_us % DAY)
    rows, _ = load_decisions(folder, midnight - pd.Timedelta(microseconds=1), stamp(now_us))
    rows = rows[(rows["timestamp"] >= midnight).to_numpy()]
    fills = [event for event in events if event.kind == "fill" and stamp(event.at) >= midnight]
    cost = cost_of_day(folder, claude, midnight.to_pydatetime())
    value = sum(fill.size * fill.price for fill in fills) / len(fills) if fills else 0.0
    return {
        **asdict(cost),
        "words": cost.words(),
        "day_decisions": len(rows),
        "breakeven_bp_per_trade": model_cost_bp(cost.counted_usd, value, len(fills)),
    }


def _last_tick(folder: Path, now: pd.Timestamp) -> dict[str, Any] | None:
    path = folder / TICKS_FILE
    if not path.is_file():
        return None
    names = read_header(path)
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4096))
        lines = file.read().decode(errors="replace").split("\n")[:-1]
    fields = lines[-1].split(",") if lines else []
    if not lines:
        return None
    if len(fields) != len(names) or not set(FIRST_COLUMNS) <= set(names):
        raise DataError(
            "its newest row is none", path=path, fix="Move the file away; the loop makes a new one"
        )
    if fields == names:
        return None
    row = dict(zip(names, fields, strict=True))
    return {
        **(_aged(pd.Timestamp(row["timestamp"]), now) or {}),
        **{name: row[name] for name in FIRST_COLUMNS[1:]},
    }


def _prompt_held(folder: Path) -> dict[str, Any] | None:
    """The prompt that a person holds, and whether it is what Claude is told (not between choosing and republishing)."""
    hold = load_hold(folder)
    if hold is None:
        return None
    told = read_prompt(folder).sha256 == hold.sha256
    return {"sha256": hold.sha256, "since": hold.at, "told": told, "warning": hold_warning(folder)}


def _collector(folder: Path, now: pd.Timestamp, findings: list[dict[str, str]]) -> Any:
    """`collector.json` as it is, and what is wrong by it among `findings`; null where there is none."""
    state = read_collector(folder)
    if state is None:
        return None
    findings += [{"part": "collector", "what": what, "fix": fix} for what, fix in state.findings(now)]
    return state.as_dict()


def _claude(folder: Path, now: pd.Timestamp, findings: list[dict[str, str]]) -> Any:
    """`claude.json`, likewise."""
    found = read_standing(folder, now)
    if found is None:
        return None
    findings += [{"part": "claude", "what": what, "fix": fix} for what, fix in found[0].findings(found[1])]
    told = found[0].summary()
    del told["cost"]  # as of its last decision; `model` has what it is now
    return told
