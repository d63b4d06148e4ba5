"""One experiment from its first draw to its verdict: draws, rows, scores and looks are the product's; the log is in memory.

Every row goes through its line of text and back, as it would through the file. There is a look at the end of each block, which is more
often than every hour. A run ends at its verdict, because a verdict is kept.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bench.experiment.arms import Arms, World
from bench.experiment.market import TERMS, market
from lib.experiments.arm import OTHER, Arm
from lib.experiments.blocks import EnteredTrade, block_end, block_of
from lib.experiments.differences import Differences
from lib.experiments.evidence import Evidence
from lib.experiments.experiment import Experiment
from lib.experiments.judge import judge
from lib.experiments.log import ExperimentLog
from lib.experiments.rows import Answered, Begin, Row, Stop, VerdictFound, read_row, row_text
from lib.experiments.running import ExperimentRows
from lib.experiments.scoring import Pair, Pairs, Prices, pair_of, score_answer
from lib.market.exits import MINUTE

_HASH = "0" * 64
A = Arm(name="lessons", rules_sha256=_HASH, model="simulated-model")
B = Arm(name="no lessons", lessons="none", rules_sha256=_HASH, model="simulated-model")


class Outcome(NamedTuple):
    """How an experiment ended. Percent net, sums over its blocks; `pairs`: those with different outcomes until the end of the run."""

    verdict: str  #: by the estimate that decides; "" for none
    randomised: str  #: by the randomised estimate; of a paired experiment it only stands beside
    blocks: int
    pairs: int
    a_blocks: int
    a_pct: float
    b_pct: float
    disagree: bool


def simulate(
    rng: np.random.Generator,
    world: World,
    slots: int,
    paired: bool = False,
    share: float = 0.5,
    whole: bool = False,
) -> Outcome:
    """One experiment of at most so many blocks; `whole`: it goes on to the last, though a verdict was reached."""
    arms = Arms(world, market(slots, rng, world.slot_minutes, world.moves), slots, rng)
    log = ExperimentLog()
    _write(log, _begin(rng, paired, share, arms.market.tick(0)))
    rows = log.experiments[0]
    seen, pairs = Differences.of(rows.definition), Pairs()
    decisive = seen.paired if paired else seen.randomised
    for slot in range(slots):
        prices = arms.market.prices(slot)
        _block(log, arms, slot, prices)
        seen.observe_block(block_of(rows, slot + 1))
        if paired:
            pair = pair_of(rows, slot + 1, prices, TERMS)
            assert isinstance(pair, Pair), f"block {slot + 1} has no pair: {pair}"
            pairs.known.append(pair)
            seen.observe_pair(pair)
        if decisive.verdict and not whole:
            break
    if decisive.verdict == "harms" and not whole:
        _roll_back(log, decisive)
    return _outcome(rows, pairs, seen, decisive.verdict or "")


def _roll_back(log: ExperimentLog, decisive: Evidence) -> None:
    """What the loop writes once harm is proven: from then on no block begins, and arm b is in force."""
    rows, now = log.experiments[0], log.experiments[0].ends[len(log.experiments[0].draws)].at
    found = VerdictFound(
        at=now,
        experiment="e1",
        verdict="harms",
        blocks=len(rows.ends),
        difference_pct=decisive.mean() or 0.0,
        log_e=decisive.log_e_harms,
    )
    _write(log, found)
    _write(log, Stop(at=now, experiment="e1", why="harms"))
    assert log.rolled_back is rows and log.current is None


def _outcome(rows: ExperimentRows, pairs: Pairs, seen: Differences, verdict: str) -> Outcome:
    """What the judge says of the whole log, which must be what the looks said."""
    found = judge(rows, pairs)
    assert found.verdict == (verdict or "not_yet"), f"{found.verdict} is not {verdict}"
    return Outcome(
        verdict,
        seen.randomised.verdict or "",
        found.a.blocks + found.b.blocks,
        seen.paired.differing,
        found.a.blocks,
        found.a.net_pct,
        found.b.net_pct,
        found.disagree,
    )


def _begin(rng: np.random.Generator, paired: bool, share: float, at: int) -> Begin:
    definition = Experiment(
        id="e1",
        a=A,
        b=B,
        share=share,
        paired=paired,
        seed=int(rng.integers(2**53)),
        started=at,
        terms=TERMS,
    )
    return Begin(at=at, experiment="e1", definition=definition, a_sha256=A.sha256(), b_sha256=B.sha256())


def _write(log: ExperimentLog, row: Row) -> None:
    """A row goes into the log as it would through its file."""
    log.accept(read_row(row_text(row)))


def _block(log: ExperimentLog, arms: Arms, slot: int, prices: Prices) -> None:
    """One block: drawn, asked until an answer enters, executed, ended."""
    rows = log.experiments[0]
    drawn = log.next_draw(arms.market.tick(slot))
    _write(log, drawn)
    trade = None
    for minute in arms.ticks():
        answer = arms.answer(drawn.arm, slot, minute, True, "e1", drawn.block)
        asks_shadow = rows.definition.paired and not rows.has_entry()
        _write(log, answer)
        if asks_shadow:
            _write(log, arms.answer(OTHER[drawn.arm], slot, minute, False, "e1", drawn.block))
        if answer.enters:
            trade = _executed(answer, prices)
            break
    trades = [] if trade is None else [trade]
    end = block_end(rows, trades, False, drawn.at + arms.world.slot_minutes * MINUTE)
    assert end is not None
    _write(log, end)


def _executed(answer: Answered, prices: Prices) -> EnteredTrade:
    """The trade that an executed answer becomes: on this path that of the paper broker and that of the scorer are one."""
    scored = score_answer(answer, prices, TERMS)
    assert scored.known_at is not None
    return EnteredTrade(
        "e1", answer.at, answer.at, scored.known_at, scored.net_pct, answer.stop_pct, answer.target_pct
    )
