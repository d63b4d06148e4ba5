"""The rows of an experiment's log: what was begun, drawn, answered, ended, stopped and found, one JSON object a line.

All times are microseconds since 1970 UTC. `lib.experiments.log` reads a log back and says what cannot follow what. A row of a kind that is
not here, or with a field that its kind has not, is refused: the log says what was compared, and a guess about it is worse than none.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from lib.contract.results import Model
from lib.experiments.arm import Letter
from lib.experiments.experiment import Experiment

#: Why a block ended: its position was closed, nothing was entered for the standard hold, or the experiment was stopped.
EndedBy = Literal["closed", "hold", "stopped"]
#: Why an experiment was stopped: by a person, an arm's content changed, harm was proven, or the terms of trading changed.
StoppedBy = Literal["person", "arm_changed", "harms", "terms"]
#: Why a shadow was not asked: the day's cap, an earlier call still out, the model cannot be asked, or the loop was ending.
LeftOut = Literal["cap", "busy", "blocked", "stopped"]
Verdict = Literal["helps", "harms"]


class _Row(Model):
    model_config = ConfigDict(frozen=True)

    at: int = Field(gt=0, description="When, microseconds since 1970 UTC.")
    experiment: str = Field(description="Id of the experiment.")


class Begin(_Row):
    """An experiment begins; its definition does not change from here on."""

    kind: Literal["begin"] = Field("begin", description="What the row says: an experiment begins.")
    definition: Experiment = Field(description="What is compared.")
    a_sha256: str = Field(description="Content hash of arm a as it began.")
    b_sha256: str = Field(description="Content hash of arm b as it began.")


class Draw(_Row):
    """A block begins: its arm is drawn. Written, and on disk, before anybody is asked. `at` is the tick: the time of its sample."""

    kind: Literal["draw"] = Field("draw", description="What the row says: an arm is drawn.")
    block: int = Field(ge=1, description="Number of the block, from 1.")
    arm: Letter = Field(description="Which arm is executed in this block.")
    probability: float = Field(gt=0, lt=1, description="Probability with which arm a was drawn, 0 to 1.")


class Answered(_Row):
    """What one arm answered at a tick without a position. `at` is the tick; the price path begins `took_s` after it."""

    kind: Literal["answer"] = Field("answer", description="What the row says: an arm answered.")
    block: int = Field(ge=1, description="Number of the block.")
    arm: Letter = Field(description="Whose answer it is.")
    executed: bool = Field(
        description="Whether it is the answer of the block's own arm; the other is a shadow."
    )
    direction: Literal["LONG", "SHORT", "HOLD"] = Field(description="What was answered.")
    code: str = Field(
        description="Why it makes no order, as in the decisions file (hold, rail_confidence, timeout, …); empty if it makes one."
    )
    stop_pct: float = Field(gt=0, description="Distance of the stop from the fill, percent.")
    target_pct: float = Field(gt=0, description="Distance of the target from the fill, percent.")
    valid_s: float = Field(ge=0, description="How long an order of it lives from its answer on, seconds.")
    took_s: float = Field(ge=0, description="How long the answer took from its own question, seconds.")
    cost_usd: float = Field(0.0, ge=0, description="What it was billed, dollars.")
    decision_id: str = Field("", description="Row of the decisions file; empty of a shadow's answer.")

    @property
    def enters(self) -> bool:
        """Whether it makes an order."""
        return not self.code and self.direction != "HOLD"


class ShadowLeftOut(_Row):
    """The other arm was not asked at this tick; counted, because what is missing can mislead."""

    kind: Literal["left_out"] = Field("left_out", description="What the row says: a shadow was not asked.")
    block: int = Field(ge=1, description="Number of the block.")
    arm: Letter = Field(description="Which arm was not asked.")
    why: LeftOut = Field(description="Why it was not.")


class BlockEnded(_Row):
    """A block is over: from here on it is judged, and the next may begin. With this the log alone says what an arm made."""

    kind: Literal["end"] = Field("end", description="What the row says: a block has ended.")
    block: int = Field(ge=1, description="Number of the block.")
    why: EndedBy = Field(description="What ended it.")
    trades: int = Field(ge=0, description="Trades that were entered in it.")
    net_pct: float = Field(description="Sum of their net returns, percent of the entry price; 0 without one.")
    stop_pct: float = Field(0.0, ge=0, description="Furthest stop of these trades, percent; 0 without one.")
    target_pct: float = Field(
        0.0, ge=0, description="Furthest target of these trades, percent; 0 without one."
    )


class VerdictFound(_Row):
    """Help or harm was proven; kept whatever is seen later."""

    kind: Literal["verdict"] = Field("verdict", description="What the row says: something is proven.")
    verdict: Verdict = Field(description="What was proven of arm a.")
    blocks: int = Field(ge=1, description="Blocks that had ended by then.")
    difference_pct: float = Field(description="How much more arm a made a block by then, percent net.")
    log_e: float = Field(description="Natural log of the e-value that proved it.")


class Stop(_Row):
    """An experiment is stopped: no block begins any more, and the open one goes on until its position is closed."""

    kind: Literal["stop"] = Field("stop", description="What the row says: the experiment is stopped.")
    why: StoppedBy = Field(
        description="What stopped it: a person, a changed arm, harm that was proven, or other terms."
    )
    detail: str = Field("", description="More on that, for people.")


class Released(_Row):
    """A person lets arm a be used again after harm was proven."""

    kind: Literal["release"] = Field("release", description="What the row says: arm a may be used again.")


Row = Begin | Draw | Answered | ShadowLeftOut | BlockEnded | VerdictFound | Stop | Released
_ROW: TypeAdapter[Row] = TypeAdapter(Annotated[Row, Field(discriminator="kind")])


def row_text(row: Row) -> str:
    """One line of the log, without its end; `read_row` gives the same row back."""
    return row.model_dump_json()


def read_row(text: str) -> Row:
    """The row of a line. Raises pydantic's ValidationError."""
    return _ROW.validate_json(text, strict=True)
