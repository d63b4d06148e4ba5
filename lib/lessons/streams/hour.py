"""The closed trades of one hour for every stream: what the ledger of lessons is fed with, hour after hour.

Every table is a function of what was known at the hour and of the carry alone: it does not matter whether an hour is done when it is
new or months later. What would surprise: hours follow one another without exception, also those in which nothing was recorded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from lib import paths
from lib.contract.times import iso, microseconds
from lib.data.oldest import oldest_known_at
from lib.errors import ParameterError
from lib.lessons.streams.answers import answers_of_hour
from lib.lessons.streams.episodes import Episode, settle
from lib.lessons.streams.held import longer_hold_candidates
from lib.lessons.streams.market import rule_candidates, setup_candidates, wick_candidates
from lib.lessons.streams.models import HELD_MINUTES, HOUR, TRACKS, Candidate, Carry, Track, stream_table
from lib.lessons.streams.own_trades import trade_candidates
from lib.lessons.streams.stretch import HourReader, HourWindow
from lib.market.terms import Terms

#: A trade that is handed out: what `stream_table` makes columns of.
Row = dict[str, Any]


def first_hour(trading_data: str | Path | None) -> pd.Timestamp | None:
    """The hour to begin with: the first whole UTC hour at or after the oldest known-at of the folder; None if it is empty."""
    oldest = oldest_known_at(paths.trading_data(trading_data))
    return None if oldest is None else oldest.ceil("h")


class HourFound(NamedTuple):
    """What an hour hands out: for each stream the rows of the episodes that were finished by it and not handed out before, and the carry
    for the next hour.
    """

    rows: dict[str, list[Row]]
    carry: Carry


def hour_tables(
    trading_data: str | Path | None, hour: pd.Timestamp, carry: Carry, terms: Terms
) -> tuple[dict[str, pd.DataFrame], Carry]:
    """One hour alone, its rows as tables (lib.lessons.streams.models.stream_table). Raises as `hour_found`."""
    found = hour_found(HourReader(trading_data, [hour], terms), hour, carry)
    return {stream: stream_table(stream, rows) for stream, rows in found.rows.items()}, found.carry


def hour_found(reader: HourReader, hour: pd.Timestamp, carry: Carry) -> HourFound:
    """What an hour hands out. With `Carry()` the first trades are those entered within the hour.

    Raises ParameterError for an hour that is not whole or does not follow `carry.hour`, else what lib.data.window.load_window raises;
    an hour in which nothing was known is no error.
    """
    at = _checked(hour, carry)
    settled = {name: _settled_until(carry.track(name), at) for names in TRACKS.values() for name in names}
    oldest = [*settled.values(), *(answer.answered_at - 1 for answer in carry.open_answers.values())]
    window = reader.window(hour, min(oldest))
    finished: dict[str, list[Episode]] = {}
    tracks = {}
    for name, candidates in _candidates(window, carry, settled).items():
        finished[name], tracks[name] = settle(carry.track(name), candidates, at)
    answers = answers_of_hour(window, carry, settled["answers"])
    finished["answers"], tracks["answers"] = [Episode([answer]) for answer in answers.finished], answers.track
    numbered, following = _numbered(finished, carry.next_episode)
    after = Carry(hour=at, next_episode=following, tracks=tracks, open_answers=answers.waiting)
    return HourFound(_rows(numbered, window), after)


def _checked(hour: pd.Timestamp, carry: Carry) -> int:
    at = microseconds(hour)
    if at % HOUR:
        raise ParameterError(f"{iso(hour)} is no whole hour: streams are read hour by hour")
    if carry.hour is not None and at != carry.hour + HOUR:
        done = iso(pd.Timestamp(carry.hour, unit="us", tz="UTC"))
        raise ParameterError(
            f"{iso(hour)} does not follow {done}, the hour done last: take the hours in order"
        )
    return at


def _settled_until(track: Track, hour: int) -> int:
    return hour - HOUR if track.settled_until is None else track.settled_until


def _candidates(window: HourWindow, carry: Carry, settled: dict[str, int]) -> dict[str, list[Candidate]]:
    """What each track but that of the answers has that is not settled, as known in the window."""
    hour, path, terms, entries = window.hour, window.path, window.terms, window.stretch.entries
    trades, before = window.own_trades(), hour - HOUR
    held = {
        name: longer_hold_candidates(trades, path, minutes, settled[name], before, hour, terms.costs)
        for minutes, name in zip(HELD_MINUTES, TRACKS["held"], strict=True)
    }
    setups, signals, wicks = (
        found.between(settled[name], hour)
        for name, found in (("setups", entries.setups), ("rule", entries.signals), ("wicks", entries.wicks))
    )
    return {
        "trades": trade_candidates(trades, settled["trades"], before, terms.costs),
        **held,
        "setups": setup_candidates(setups, path, terms),
        "rule": rule_candidates(signals, path, carry.track("rule").last_entry, terms),
        "wicks": wick_candidates(wicks, path, terms),
    }


def _numbered(
    finished: dict[str, list[Episode]], numbers: dict[str, int]
) -> tuple[dict[str, list[tuple[int, Candidate]]], dict[str, int]]:
    """The trades of each stream with the numbers of their episodes, and the numbers that come next.

    Episodes of several tracks are numbered in the order in which they were finished.
    """
    numbered, following = {}, {}
    for stream, names in TRACKS.items():
        episodes = [episode for name in names for episode in finished[name]]
        if len(names) > 1:
            episodes.sort(key=lambda episode: episode.finished_at)
        first = numbers.get(stream, 0)
        numbered[stream] = [
            (number, trade) for number, episode in enumerate(episodes, first) for trade in episode.trades
        ]
        following[stream] = first + len(episodes)
    return numbered, following


def _rows(numbered: dict[str, list[tuple[int, Candidate]]], window: HourWindow) -> dict[str, list[Row]]:
    described = [trade for stream, rows in numbered.items() if stream != "answers" for _, trade in rows]
    words = iter(window.group_words(described))
    return {
        stream: [
            _row(number, trade) | (trade.words if stream == "answers" else next(words))
            for number, trade in rows
        ]
        for stream, rows in numbered.items()
    }


def _row(episode: int, trade: Candidate) -> Row:
    return {
        "entry_time": trade.entry_at,
        "exit_time": trade.end_at,
        "net_pct": trade.net_pct,
        "worst_pct": trade.worst_pct,
        "best_pct": trade.best_pct,
        "trade": trade.trade,
        "episode": episode,
        "confidence": trade.words.get("confidence", float("nan")),
    }
