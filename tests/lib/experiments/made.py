"""Experiments made by hand: a definition, and a log that grows block by block."""

from __future__ import annotations

from lib.experiments.arm import OTHER, Arm
from lib.experiments.blocks import EnteredTrade, block_end
from lib.experiments.experiment import Experiment
from lib.experiments.log import ExperimentLog
from lib.experiments.rows import Answered, Begin, BlockEnded, Draw, Row
from lib.market.terms import Terms

MINUTE = 60_000_000
#: 2026-01-05T00:00:00Z
START = 1_767_571_200_000_000
RULES = "ab" * 32
LESSONS = Arm(name="lessons", rules_sha256=RULES, model="claude-sonnet-5-5", effort="medium")
NONE = Arm(name="no lessons", lessons="none", rules_sha256=RULES, model="claude-sonnet-5-5", effort="medium")


def definition(**changes) -> Experiment:
    """An experiment of lessons against none."""
    given = {"id": "e1", "a": LESSONS, "b": NONE, "seed": 7, "started": START}
    return Experiment(**(given | changes))


def begin(of: Experiment, at: int = START) -> Begin:
    return Begin(at=at, experiment=of.id, definition=of, a_sha256=of.a.sha256(), b_sha256=of.b.sha256())


def begun(**changes) -> ExperimentLog:
    """A log in which one experiment has begun."""
    log = ExperimentLog()
    log.accept(begin(definition(**changes)))
    return log


def minute(number: float) -> int:
    """An instant of the experiment, microseconds."""
    return START + int(number * MINUTE)


def answered(draw: Draw, at: int, *, executed: bool = True, **changes) -> Answered:
    """An answer to enter LONG with the standard distances."""
    terms = Terms()
    given = {
        "at": at,
        "experiment": draw.experiment,
        "block": draw.block,
        "arm": draw.arm if executed else OTHER[draw.arm],
        "executed": executed,
        "direction": "LONG",
        "code": "",
        "stop_pct": terms.stop_pct,
        "target_pct": terms.target_pct,
        "valid_s": 20.0,
        "took_s": 2.0,
        "cost_usd": 0.01,
    }
    return Answered(**(given | changes))


def trade(asked_at: int, exit_at: int | None, net_pct: float, **changes) -> EnteredTrade:
    given = {
        "decision_id": f"d{asked_at}",
        "asked_at": asked_at,
        "entry_at": asked_at + 10_000_000,
        "exit_at": exit_at,
        "net_pct": net_pct,
        "stop_pct": 0.15,
        "target_pct": 0.3,
    }
    return EnteredTrade(**(given | changes))


def add_block(log: ExperimentLog, at: int, net_pct: float | None = None, length: float = 45) -> list[Row]:
    """One more block, begun at `at`, in which a trade made `net_pct`, or none was entered."""
    draw = log.next_draw(at)
    log.accept(draw)
    trades = [] if net_pct is None else [trade(at, at + int(length * MINUTE), net_pct)]
    end = block_end(log.experiments[-1], trades, False, at + 60 * MINUTE)
    assert isinstance(end, BlockEnded)
    log.accept(end)
    return [draw, end]
