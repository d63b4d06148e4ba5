"""All there is to say of one decision, out of the files of a data folder: no lock is taken and nothing is written.

A part that cannot be read says so among `faults`, and the others stand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from lib.contract import schema
from lib.contract.times import iso
from lib.contract.visible import visible
from lib.data.decisions import kind_of
from lib.data.window import MarketWindow, load_window, newest_known_at
from lib.errors import RibbonError
from lib.lessons.eras import era_at, eras_of
from lib.market.readings import lines_of
from lib.market.ribbon import classify_colour
from lib.market.terms import Terms
from runner.errors import EventLogError, words_of
from runner.replay.summary import without_rails
from runner.trade.book import Book
from runner.trade.events import EVENTS_FILE, Event
from runner.trade.known import stamp
from runner.trade.lost import read_account
from runner.trade.settings import RailSettings
from runner.why.arm import arm_words
from runner.why.find import find_decision
from runner.why.models import (
    Decided,
    LessonsInForce,
    LoggedEvent,
    Outcome,
    Ribbon,
    SentPrompt,
    Why,
    WhyRecord,
)
from runner.why.outcomes import outcomes_of
from runner.why.prompt import cost_of, first_asked, lessons_told, sent_prompt
from runner.why.rails import RailsThen, rails_of
from runner.why.words import answer_sentences, asked_words, meaning_of

T = TypeVar("T")
#: What is shown of price, before a decision and after it.
AROUND = pd.Timedelta(minutes=90)
#: What is read after the last exit that is possible, so that it is shown.
_BEHIND = pd.Timedelta(minutes=15)
_SEE = "It could not be read; the reason stands among the faults."
_EVENTS = ("order", "fill", "void", "leave", "exit")


@dataclass
class _Reader:
    """Reads parts of a folder; what cannot be read is noted."""

    folder: Path
    faults: list[str]

    def tried(self, name: str, read: Callable[[], T], otherwise: T) -> T:
        """What a part gives, or `otherwise` with the reason noted."""
        try:
            return read()
        except (RibbonError, OSError) as error:
            self.faults.append(visible(f"{name}: {words_of(error)}"))
        except Exception as error:  # damage beyond what readers know is a fault of that part alone
            self.faults.append(visible(f"{name}: {type(error).__name__}: {error}"))
        return otherwise


def read_why(folder: Path, limits: RailSettings, terms: Terms, decision_id: str) -> Why:
    """Why the decision of an id (or a time, or `last`) came out as it did.

    `limits` and `terms` are those that are configured; of terms those of the decision's time count, where the folder knows them.
    Raises ParameterError, which names the nearest, for a decision that is not there, MissingDataError, HeaderError.
    """
    found = find_decision(folder, decision_id)
    row = found.row
    read = _Reader(folder, [])
    then = read.tried("terms", lambda: _terms_then(folder, row, terms), terms)
    market = read.tried("market", lambda: _market(folder, row, then), None)
    logged = read.tried("events", lambda: read_account(folder), None)
    events = logged or []
    decision = _decided(row, events)
    without = _without_rails(folder, row, events)
    unread = logged is None and not without
    rails = RailsThen([], _SEE) if unread else rails_of(row, events, limits, then, without)
    outcomes = read.tried("outcomes", lambda: _in_dollars(outcomes_of(row, market, then), row, events), [])
    prompt = read.tried("prompt", lambda: sent_prompt(folder, row), None) or _unread()
    cost, cost_words = cost_of(row, prompt)
    asked = visible(str(row["asked_because"]))
    source = market.source if market else None
    record = WhyRecord(
        trading_data=visible(str(folder)),
        source=source.label if source else "",
        symbol=visible(source.symbol) if source else "",
        synthetic=bool(source and source.synthetic),
        answer=answer_sentences(decision, rails.rails, outcomes),
        decision=decision,
        asked_because=asked,
        asked_words=asked_words(asked),
        arm_words=read.tried("experiment", lambda: arm_words(folder, row["timestamp"]), ""),
        ribbons=read.tried("ribbons", lambda: _ribbons(row, market), []),
        rails=rails.rails,
        rails_note=rails.note,
        outcomes=outcomes,
        events=_events_of(row, events),
        lessons=read.tried(
            "lessons", lambda: lessons_told(folder, row), LessonsInForce(sha256="", note=_SEE)
        ),
        cost_usd=cost,
        cost_words=cost_words,
        terms=then.words(),
        prompt=prompt,
        first=read.tried("first", lambda: first_asked(folder, row), None),
        faults=read.faults,
    )
    return Why(record, market, found.before, found.after)


def _unread() -> SentPrompt:
    return SentPrompt(status="not kept", note=_SEE)


def _terms_then(folder: Path, row: pd.Series, configured: Terms) -> Terms:
    eras = eras_of(folder)
    return era_at(eras, row["timestamp"]).terms if eras else configured


def _market(folder: Path, row: pd.Series, terms: Terms) -> MarketWindow:
    """The market around a decision, up to the end of all that can have come of it, as far as it is known."""
    at, known = row["timestamp"], newest_known_at(folder)
    ends = [at + AROUND, at + pd.Timedelta(minutes=terms.hold_minutes) + 2 * _BEHIND]
    ends += [] if pd.isna(row["exit_time"]) else [row["exit_time"] + _BEHIND]
    until = max(at, min(max(ends), known)) if known is not None else at
    hours = (until - at + AROUND) / pd.Timedelta(hours=1)
    return load_window(folder, until, hours, allow_empty=True)


def _decided(row: pd.Series, events: list[Event]) -> Decided:
    texts = {
        name: visible(str(row[name]))
        for name in ("decision_id", "model", "direction", "holding", "regime", "wick", "reason_code")
    }
    return Decided(
        **texts,
        at=iso(row["timestamp"]),
        kind=kind_of(str(row["model"]), str(row["reason_code"])),
        recommended=row["entry_recommended"] in schema.RECOMMENDED,
        confidence=_figure(row["confidence"]),
        executed=bool(row["executed"]),
        position=_position(row, events),
        stop_pct=_figure(row["stop_pct"]),
        target_pct=_figure(row["target_pct"]),
        meaning="it was entered" if row["executed"] else meaning_of(_code(texts)),
        reasoning=visible(str(row["reasoning"])),
    )


def _in_dollars(outcomes: list[Outcome], row: pd.Series, events: list[Event]) -> list[Outcome]:
    """What an account traded, with the value that it entered with and what it made of it."""
    fill = next((e for e in events if e.kind == "fill" and e.decision_id == row["decision_id"] != ""), None)
    if fill is None:
        return outcomes
    value = fill.size * fill.price

    def priced(each: Outcome) -> Outcome:
        made = None if each.net_pct is None else each.net_pct * value / 100
        return each.model_copy(update={"value_usd": value, "net_usd": made})

    return [priced(each) if each.of == "traded" else each for each in outcomes]


def _code(texts: dict[str, str]) -> str:
    """The reason code of a row; older ones and those of a simulated trader have none for a HOLD, of which no order was made."""
    return texts["reason_code"] or ("hold" if texts["direction"] == "HOLD" else "")


def _position(row: pd.Series, events: list[Event]) -> str:
    """The decision whose position was held."""
    if row["holding"] != "YES":
        return ""
    try:
        book = Book.from_events([event for event in events if stamp(event.at) <= row["timestamp"]])
    except EventLogError:
        return ""
    return visible(book.held.decision_id) if book.held else ""


def _without_rails(folder: Path, row: pd.Series, events: list[Event]) -> str:
    """Why no rails stood where the decision was made; "" if they did."""
    kind = kind_of(str(row["model"]), str(row["reason_code"]))
    if kind == "imported":
        return "another bot made the trade"
    if kind == "simulated":
        return "a simulated trader made the trade"
    if without_rails(folder):
        return "the folder is a replay without rails"
    if kind == "rules" and not events and not (folder / EVENTS_FILE).exists():
        return "a fixed rule decided over history"
    return ""


def _events_of(row: pd.Series, events: list[Event]) -> list[LoggedEvent]:
    own = [event for event in events if event.decision_id == row["decision_id"] != ""]
    return [
        LoggedEvent(
            kind=event.kind,
            at=iso(stamp(event.at)),
            price=event.price if event.kind in ("fill", "exit") else None,
            reason=visible(event.reason),
        )
        for event in own
        if event.kind in _EVENTS
    ]


def _ribbons(row: pd.Series, market: MarketWindow | None) -> list[Ribbon]:
    return [_ribbon(name, row, market) for name in schema.RIBBON_TIMEFRAMES]


def _ribbon(timeframe: str, row: pd.Series, market: MarketWindow | None) -> Ribbon:
    """The ribbon of the newest sample at the tick."""
    logged = visible(str(row[f"state_{timeframe}"]))
    samples = None if market is None else getattr(market, f"samples_{timeframe}")
    seen = None if samples is None else samples[samples.index <= row["timestamp"]]
    if seen is None or seen.empty:
        return Ribbon(timeframe=timeframe, logged=logged, state="unknown")
    newest, names = seen.iloc[-1], lines_of(seen)
    colours = [classify_colour(newest.get(f"{name}_color")) for name in names]
    away = [_figure((newest["price"] / newest[name] - 1) * 100) for name in names if newest[name]]
    return Ribbon(
        timeframe=timeframe,
        logged=logged,
        state=str(newest["state"]),
        at=iso(seen.index[-1]),
        quality=str(newest["quality"]),
        price=_figure(newest["price"]),
        green=colours.count("green"),
        red=colours.count("red"),
        gray=colours.count("gray"),
        nearest_pct=away[0] if away else None,
        furthest_pct=away[-1] if away else None,
    )


def _figure(value: object) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None
