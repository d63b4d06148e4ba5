"""How an experiment stands, in sentences for people: the terminal, the live page and what is said of the prompt."""

from __future__ import annotations

from lib.experiments.log import ExperimentRows
from runner.trade.known import stamp

#: How a verdict reads of arm a.
VERDICTS = {"helps": "helps", "harms": "harms", "not_yet": "not yet"}


def minute(at: int) -> str:
    """An instant, microseconds, to the minute."""
    return f"{stamp(at):%Y-%m-%d %H:%M} UTC"


def going_back_words(rows: ExperimentRows) -> str:
    """Why arm b is in force, and since when; of an experiment that proved harm."""
    assert rows.verdict is not None
    a, b, name = rows.definition.a.name, rows.definition.b.name, rows.definition.id
    return (
        f"gone back to {b} since {minute(rows.verdict.at)}: experiment {name} proved that {a} harms "
        f"({rows.verdict.difference_pct:+.3f} % a block); `ribbon experiment release` ends that"
    )
