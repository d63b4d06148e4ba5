"""A trade fits by what was known at its entry; a lesson to avoid decides."""

from __future__ import annotations

import pandas as pd

from lib.history.by_lessons import split_by_lessons
from tests.lib.lessons.made_lessons import candidate, lesson


def closed() -> pd.DataFrame:
    """Four trades that made 1, 10, 100 and 1,000 dollars."""
    rows = [
        ("LONG", 0.9, "all_green", "all_green", "none", "LONG_BOTH_GREEN", "RANGING_QUIET", 1.0),
        ("LONG", 0.7, "all_green", "all_red", "none", "LONG_MIXED_TIMEFRAMES", "RANGING_QUIET", 10.0),
        ("SHORT", float("nan"), "all_red", "all_red", "none", "SHORT_BOTH_RED", "UNKNOWN", 100.0),
        ("LONG", 0.9, "unknown", "unknown", "unknown", "unknown", "RANGING_QUIET", 1000.0),
    ]
    names = (
        "direction",
        "confidence",
        "state_5min",
        "state_15min",
        "trigger",
        "signature",
        "regime",
        "net_usd",
    )
    return pd.DataFrame(rows, columns=list(names)).assign(entry_price=1_000.0)


def made(*found) -> tuple[int, float, int, float] | None:
    split = split_by_lessons(closed(), {"lessons": [each.model_dump(mode="json") for each in found]})
    return split and (split.fit.trades, split.fit.pnl, split.rest.trades, split.rest.pnl)


def test_a_trade_fits_where_a_lesson_to_favour_speaks_of_its_entry():
    assert made(lesson("answers.setup.LONG_BOTH_GREEN.above")) == (1, 1.0, 3, 1110.0)
    assert made(lesson("trades.pattern.all_green.beats")) == (2, 11.0, 2, 1100.0)
    assert made(lesson("answers.band.high.above")) == (2, 1001.0, 2, 110.0)
    assert made(lesson("trades.regime.RANGING_QUIET_LONG.above")) == (3, 1011.0, 1, 100.0)


def test_a_lesson_to_avoid_decides_and_alone_leaves_the_others():
    apart = lesson("trades.timeframes.apart.below")
    assert made(apart) == (3, 1101.0, 1, 10.0)
    assert made(apart, lesson("trades.pattern.all_green.beats")) == (1, 1.0, 3, 1110.0)


def test_without_a_lesson_of_entries_there_is_nothing_to_split_by():
    assert made() is None and made(candidate()) is None
    held, of_entries = lesson("held.hold.30.above"), lesson("trades.direction.LONG.above")
    assert made(held) is None
    split = split_by_lessons(
        closed(), {"lessons": [each.model_dump(mode="json") for each in (held, of_entries)]}
    )
    assert (split.lessons, split.others) == (1, 1)


def test_a_trade_under_two_lessons_to_favour_counts_under_the_first():
    found = [
        lesson("answers.setup.LONG_BOTH_GREEN.above", effect_pct=0.2),
        lesson("trades.pattern.all_green.beats"),
        lesson("trades.wick.present.below"),
    ]
    split = split_by_lessons(closed(), {"lessons": [each.model_dump(mode="json") for each in found]})
    parts = [(part.lesson, part.trades, part.pnl) for part in split.parts]
    assert parts == [(found[0].id, 1, 1.0), (found[1].id, 1, 10.0)]


def test_no_trade_is_no_error():
    found = split_by_lessons(closed()[:0], {"lessons": [lesson().model_dump(mode="json")]})
    assert found.fit.trades == found.rest.trades == 0 and found.rest.pnl == 0.0
