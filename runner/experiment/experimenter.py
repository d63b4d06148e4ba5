"""The controlled test in the loop: who is asked, and what is written down of it (docs/guarantees.md, E1, E2).

A tick: an answer of the shadow that is back is written → the block that is over is ended → a verdict is written and acted on. Before
anybody is asked: a block begins where none is open and nothing is held, its arm drawn and on the disk. After: the answer is written, and
where it is paired the other arm is asked.

Who is asked: where harm was proven and nobody has released it, arm b; else the arm of the open block; else whom the loop would ask without
an experiment. With no experiment nothing of this writes or changes anything.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib.contract.times import microseconds
from lib.errors import RibbonError
from lib.experiments.arm import OTHER, Letter
from lib.experiments.blocks import block_end
from lib.experiments.judgement import Judgement
from lib.experiments.log import ExperimentLog
from lib.experiments.rows import Draw, LeftOut, Row, ShadowLeftOut
from lib.experiments.running import ExperimentRows
from lib.experiments.wording import going_back_words
from lib.prompt.hold import load_hold
from runner.errors import FsyncFailedError, WriteFailedError
from runner.experiment.arms import arms_set
from runner.experiment.condition import begins_here, cannot_run
from runner.experiment.deciders import ArmDeciders
from runner.experiment.judging import HourlyLook
from runner.experiment.made import answer_row, trades_of
from runner.experiment.shadow import Finished, Shadow, ShadowCall
from runner.experiment.store import ExperimentStore
from runner.experiment.verdicts import changed_row, found_rows, held_row, told_words
from runner.trade.book import Book
from runner.trade.experimenter import Asked
from runner.trade.models import Decider, TickView

#: Reason code of a tick on which nobody is asked, because the log says nothing that can be trusted, or cannot be written.
FAULT = "experiment"
#: Why a shadow was not asked, by the reason code of its HOLD.
_NOT_ASKED: dict[str, LeftOut] = {"budget": "cap", "busy": "busy"} | dict.fromkeys(
    ("blocked", "no_key", "rate_limited", "ledger"), "blocked"
)


class LoopExperimenter:
    """Implements Experimenter. `refresh` lets `deciders` go by what is set when an experiment is first seen; `waits`: in step, as in a
    replay.
    """

    def __init__(
        self,
        folder: Path,
        deciders: ArmDeciders,
        notify: Callable[[str, str], None],
        clock: Callable[[], float],
        refresh: Callable[[ArmDeciders], None] = lambda deciders: None,
        waits: bool = False,
    ) -> None:
        self.deciders, self.notify = deciders, notify
        self.chosen: Decider = deciders.base
        self.store = ExperimentStore(folder)
        self._refresh, self._clock = refresh, clock
        self._shadow = Shadow(deciders.settings.shadow_deadline_s, clock, waits)
        self._judge = HourlyLook(folder, self._warn, waits)
        self._checked = ""  #: id of the experiment whose arms were held against the settings
        self._told: set[str] = set()

    # What the loop calls

    def look(self, at: int, book: Book, now: int) -> None:
        """Write what is back and what is over, and act on a verdict."""
        self._guarded(lambda: self._look(at, book, now))

    def draw(self, view: TickView, book: Book) -> str:
        """Choose who is asked; begin a block where one begins."""
        try:
            return self._draw(view)
        except FsyncFailedError:
            raise
        except WriteFailedError as error:
            self._warn(f"no arm could be drawn, so nobody is asked: {error}")
            return "disk"
        except (RibbonError, OSError, ValueError) as error:
            self._warn(f"nobody is asked: {error}")
            return FAULT

    def answered(self, asked: Asked) -> None:
        """Write an answer of the open block, and ask the other arm."""
        if asked.view.position is None:
            self._guarded(lambda: self._answered(asked))

    def close(self) -> None:
        """The loop ends: what is still out was not asked in the end."""
        call = self._shadow.give_up()
        if call is not None:
            self._guarded(lambda: self._leave_out(call, "stopped"))

    # The tick

    def _look(self, at: int, book: Book, now: int) -> None:
        log = self.store.poll()
        if not log.experiments:
            return
        self._check_arms(log, now)
        if (finished := self._shadow.finished()) is not None:
            self._write_shadow(finished)
        if (rows := _open(log)) is not None and block_end(
            rows, trades_of(book, rows), book.order is not None, at
        ):
            self._end_block(at, book)
        self._judge.look(at)
        if (found := self._judge.taken()) is not None:
            self._act_on(found, now)

    def _check_arms(self, log: ExperimentLog, now: int) -> None:
        """Stop an experiment of which an arm would be given something else now than when it began."""
        current = log.current
        if current is None or current.definition.id == self._checked:
            return
        self._refresh(self.deciders)
        found = arms_set(self.deciders.settings, self.deciders.claude, self.deciders.terms)
        row = self._append(lambda log: changed_row(log.current, found, self.deciders.terms, now))
        self._checked = current.definition.id
        if row is not None:
            self.notify("experiment", told_words(current, row))

    def _end_block(self, at: int, book: Book) -> None:
        ordered = book.order is not None
        self._append(lambda log: (rows := _open(log)) and block_end(rows, trades_of(book, rows), ordered, at))

    def _act_on(self, found: Judgement, now: int) -> None:
        for make in found_rows(found, now):
            row = self._append(make)
            if row is not None:
                rows = self.store.poll().newest
                assert rows is not None
                self.notify("experiment", told_words(rows, row))

    # Who is asked

    def _draw(self, view: TickView) -> str:
        log = self.store.poll()
        self.chosen = self.deciders.base
        if not log.experiments:
            return ""
        if (back := log.rolled_back) is not None:
            self.chosen = self.deciders.executed(back.definition.b, going_back_words(back))
            return ""
        if _open(log) is None and view.position is None and self._begins(log, view):
            at = microseconds(view.at)
            self._append(lambda log: log.next_draw(at) if log.current and _open(log) is None else None)
            log = self.store.poll()
        if (rows := _open(log)) is not None and rows.open_block is not None:
            self.chosen = self._of(rows, rows.open_block.arm)
        return ""

    def _begins(self, log: ExperimentLog, view: TickView) -> bool:
        """Whether a block begins at this tick. Stops an experiment of which a person took the difference away."""
        rows = log.current
        if rows is None or not begins_here(rows, view):
            return False
        if why := cannot_run(rows, self.deciders.base):
            self._warn(why)
            return False
        if rows.definition.lesson and load_hold(self.deciders.folder) is not None:
            row = self._append(lambda log: log.current and held_row(log.current, microseconds(view.at)))
            if row is not None:
                self.notify("experiment", told_words(rows, row))
            return False
        return True

    def _of(self, rows: ExperimentRows, letter: Letter) -> Decider:
        return self.deciders.executed(rows.definition.arm(letter), _because(rows, letter))

    # What was answered

    def _answered(self, asked: Asked) -> None:
        log = self.store.poll()
        rows = _open(log)
        if log.rolled_back is not None or rows is None or rows.open_block is None:
            return
        block, at = rows.open_block, microseconds(asked.view.at)
        decided = rows.has_entry()
        own = answer_row(rows, block, block.arm, at, asked, asked.answer, asked.code, asked.took_s)
        own = own.model_copy(update={"executed": True, "decision_id": asked.decision_id})
        self._append(lambda log: own)
        if rows.definition.paired and not decided and log.current is not None:
            self._ask_other(rows, block, at, asked)

    def _ask_other(self, rows: ExperimentRows, block: Draw, at: int, asked: Asked) -> None:
        letter = OTHER[block.arm]
        call = ShadowCall(rows.definition.id, block.block, letter, at, asked, self._clock())
        if self._shadow.busy:
            self._leave_out(call, "busy")
            return
        self._shadow.ask(self.deciders.shadow(rows.definition.arm(letter), _because(rows, letter)), call)
        if (finished := self._shadow.finished()) is not None:  # at once, as in a replay
            self._write_shadow(finished)

    def _write_shadow(self, finished: Finished) -> None:
        call, answer = finished.call, finished.answer
        if answer.reason_code in _NOT_ASKED:
            self._leave_out(call, _NOT_ASKED[answer.reason_code])
            return

        def make(log: ExperimentLog) -> Row | None:
            rows = _of(log, call.experiment)
            code = call.asked.code_of(answer)
            return rows and answer_row(
                rows, rows.draws[call.block - 1], call.arm, call.at, call.asked, answer, code, finished.took_s
            )

        self._append(make)

    def _leave_out(self, call: ShadowCall, why: LeftOut) -> None:
        def make(log: ExperimentLog) -> Row | None:
            rows = _of(log, call.experiment)
            return rows and ShadowLeftOut(
                at=call.at, experiment=call.experiment, block=call.block, arm=call.arm, why=why
            )

        self._append(make)

    # The log

    def _append(self, make: Callable[[ExperimentLog], Row | None]) -> Row | None:
        return self.store.append(make)

    def _guarded(self, act: Callable[[], Any]) -> None:
        """What is only written down must not cost a tick; a failed fsync ends the program, as everywhere."""
        try:
            act()
        except FsyncFailedError:
            raise
        except (RibbonError, OSError, ValueError) as error:
            self._warn(str(error))

    def _warn(self, text: str) -> None:
        """Tell a person, each thing once."""
        if text not in self._told:
            self._told.add(text)
            self.notify("experiment", text)


def _open(log: ExperimentLog) -> ExperimentRows | None:
    """The experiment whose block is open, also one that was stopped meanwhile."""
    last = log.newest
    return last if last is not None and last.open_block is not None else None


def _of(log: ExperimentLog, name: str) -> ExperimentRows | None:
    """The last experiment, if it is still this one."""
    last = log.newest
    return last if last is not None and last.definition.id == name else None


def _because(rows: ExperimentRows, letter: Letter) -> str:
    definition = rows.definition
    return f"arm {definition.arm(letter).name} of experiment {definition.id} is told none"
