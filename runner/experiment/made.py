"""What of a tick and of the account goes into the log: an answer as a row, and what was entered since a block began."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile

from lib.experiments.arm import Letter
from lib.experiments.blocks import EnteredTrade
from lib.experiments.rows import Answered, Draw
from lib.experiments.running import ExperimentRows
from lib.market.costs import SIGN
from runner.trade.book import Book
from runner.trade.events import Event
from runner.trade.experimenter import Asked
from runner.trade.models import Answer


def trades_of(book: Book, rows: ExperimentRows) -> list[EnteredTrade]:
    """What was entered since the open block began: nothing was ordered when it was drawn, so all of it is the block's."""
    block = rows.open_block
    if block is None:
        return []
    since = list(takewhile(lambda event: event.at > block.at, reversed(book.events)))
    exits = {event.decision_id: event for event in since if event.kind == "exit"}
    fills = [event for event in reversed(since) if event.kind == "fill"]
    return [_entered(fill, exits.get(fill.decision_id), block.at) for fill in fills]


def _entered(fill: Event, left: Event | None, asked_at: int) -> EnteredTrade:
    """A fill with its exit; net percent as docs/definitions.md, Money has it: gross from fills, less the fees of both sides."""
    net = float("nan")
    if left is not None:
        gross = SIGN[fill.direction] * (left.price - fill.price) / fill.price * 100
        net = gross - (fill.fee + left.fee) / (fill.size * fill.price) * 100
    exit_at = None if left is None else left.at
    return EnteredTrade(fill.decision_id, asked_at, fill.at, exit_at, net, fill.stop_pct, fill.target_pct)


def answer_row(
    rows: ExperimentRows,
    block: Draw,
    arm: Letter,
    at: int,
    asked: Asked,
    answer: Answer,
    code: str,
    took_s: float,
) -> Answered:
    """A shadow's answer at the tick `at` as a row; `code` says why it would make no order. Distances are the standard ones where the
    answer's own could be of no order.
    """
    rule = asked.rule_of(answer)
    usable = code == "" or (rule.stop_pct > 0 and rule.target_pct > 0)
    standard = asked.rule_of(replace(answer, stop_pct=None, target_pct=None))
    rule = rule if usable else standard
    return Answered(
        at=at,
        experiment=rows.definition.id,
        block=block.block,
        arm=arm,
        executed=False,
        direction=answer.direction,
        code=code,
        stop_pct=rule.stop_pct,
        target_pct=rule.target_pct,
        valid_s=max(0.0, asked.lives_s(answer)),
        took_s=max(0.0, took_s),
        cost_usd=answer.cost_usd,
    )
