"""Followed questions as the ledger takes them in: a hypothesis a keeping, and the trades that asks found, hour by hour.

They differ from the other streams in that their trades are not found anew in the data: they stand in a file of the folder, each with the
hour at which it counts, because only whoever asks can say what a question says (lib.questions.followed). What would surprise: a keeping
belongs to the terms under which it was made; a ledger of other terms has neither its hypothesis nor its trades.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from lib.contract.times import microseconds, parse_instant
from lib.lessons.eras import Era, eras_of
from lib.lessons.hypotheses import QUESTION, QUESTIONS, Hypothesis
from lib.lessons.ledger import Ledger
from lib.questions.followed import FollowedTrade, read_followed_trades, read_states
from lib.questions.keeping import Kept
from lib.questions.record import read_record, record_path

#: A trade as `lib.lessons.episodes` takes it.
Row = dict[str, Any]


class FollowedQuestions(NamedTuple):
    """What a folder follows under the terms of one era; instants in microseconds."""

    kept: list[tuple[int, Hypothesis]]  #: since when trades count, by number
    dropped: list[tuple[int, str]]  #: until when, and the id
    trades: dict[int, list[Row]]  #: by the hour at which they count

    @classmethod
    def of(cls, place: Path, era: Era) -> FollowedQuestions:
        """Those of a trading_data folder. Raises DataError for a damaged file."""
        if not record_path(place).exists():
            return cls([], [], {})
        record = read_record(place)
        ours = {line.k: line for line in sorted(record.kept, key=lambda line: line.k) if is_of(line, era)}
        dropped = [
            (_at(line.until), hypothesis_of_keeping(ours[k]).id)
            for k in ours
            if (line := record.dropped(k)) is not None
        ]
        trades: dict[int, list[Row]] = {}
        for trade in read_followed_trades(place) if ours else []:
            if trade.k in ours:
                found = trades.setdefault(_at(trade.hour), [])
                found.append(_row(trade, ours[trade.k]))
        for rows in trades.values():
            rows.sort(key=lambda row: (row["exit_time"], row["trade"]))
            for number, row in enumerate(rows):
                row["episode"] = number
        return cls(
            [(_at(line.since), hypothesis_of_keeping(line)) for line in ours.values()], dropped, trades
        )

    def register(self, ledger: Ledger, hour: int) -> None:
        """Let the ledger ask what was kept before an hour."""
        for since, hypothesis in self.kept:
            if since < hour and hypothesis.id not in ledger.entries:
                ledger.register(hypothesis, since)

    def rows(self, hour: int) -> list[Row]:
        """The trades that count at an hour, in the order in which they ended; each is an episode of its own."""
        return self.trades.get(hour, [])

    def retire(self, ledger: Ledger, hour: int) -> None:
        """End in the ledger what was dropped by an hour."""
        for until, id_ in self.dropped:
            if until <= hour:
                ledger.retire(id_, until)


def is_of(kept: Kept, era: Era) -> bool:
    """Whether a keeping was made in an era, under its terms."""
    return kept.terms == era.terms and (
        not era.since or parse_instant(kept.since) >= parse_instant(era.since)
    )


def hypothesis_of_keeping(kept: Kept) -> Hypothesis:
    """What is asked of a kept question: that its trades gain."""
    return Hypothesis(QUESTIONS, QUESTION, kept.value, "above")


def unanswered_questions(place: Path) -> frozenset[str]:
    """Ids of followed questions whose last ask gave nothing: their lessons are withheld. None where nobody asked."""
    if not record_path(place).exists():
        return frozenset()
    states = read_states(place)
    return frozenset(
        hypothesis_of_keeping(line).id
        for line in read_record(place).followed
        if line.k in states and states[line.k].error
    )


def followed_now(place: Path) -> list[Kept]:
    """The questions of a folder that are kept, were not dropped, and are of its newest terms. Raises DataError."""
    if not record_path(place).exists():
        return []
    eras = eras_of(place)
    return [line for line in read_record(place).followed if not eras or is_of(line, eras[-1])]


def _row(trade: FollowedTrade, kept: Kept) -> Row:
    return {
        "entry_time": _at(trade.entry_time),
        "exit_time": _at(trade.exit_time),
        "net_pct": trade.net_pct,
        "worst_pct": trade.worst_pct,
        "best_pct": trade.best_pct,
        "trade": f"{kept.question}@{trade.entry_time}",
        QUESTION: kept.value,
    }


def _at(text: str) -> int:
    return microseconds(parse_instant(text))
