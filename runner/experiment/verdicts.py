"""What follows from a look: the rows that a verdict adds, and that an experiment ends where an arm is another; with words for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lib.experiments.judgement import Judgement
from lib.experiments.log import ExperimentLog
from lib.experiments.rows import Row, Stop, VerdictFound
from lib.experiments.running import ExperimentRows
from lib.market.terms import Terms
from runner.experiment.arms import ArmsSet


def changed_row(current: ExperimentRows | None, arms: ArmsSet, terms: Terms, now: int) -> Stop | None:
    """The row that ends a running experiment whose arms or terms are others now; None where they are the same."""
    if current is None:
        return None
    definition, name = current.definition, current.definition.id
    if definition.terms != terms:
        return Stop(at=now, experiment=name, why="terms", detail=f"the terms are others now: {terms.words()}")
    changed = [
        f"arm {letter} ({definition.arm(letter).name}) is given another {_listed(_differs(begun.content(), set_.content()))}"
        for letter, begun, set_ in (("a", definition.a, arms.a), ("b", definition.b, arms.b))
        if begun.sha256() != set_.sha256()
    ]
    return Stop(at=now, experiment=name, why="arm_changed", detail="; ".join(changed)) if changed else None


def held_row(current: ExperimentRows, now: int) -> Stop:
    """The row that ends an experiment about one lesson while a person holds a prompt, out of which none can be left."""
    detail = "a person holds a prompt, and no lesson can be left out of it"
    return Stop(at=now, experiment=current.definition.id, why="arm_changed", detail=detail)


def found_rows(found: Judgement, now: int) -> list[Callable[[ExperimentLog], Row | None]]:
    """What makes the rows that a judgement adds: the verdict, once; and behind harm the end."""
    return [_Verdict(found, now).verdict, _Verdict(found, now).end]


@dataclass(frozen=True)
class _Verdict:
    found: Judgement
    now: int

    def verdict(self, log: ExperimentLog) -> Row | None:
        rows = self._rows(log)
        if rows is None or rows.verdict is not None or self.found.verdict == "not_yet":
            return None
        estimate = self.found.decisive
        side = estimate.log_e_helps if self.found.verdict == "helps" else estimate.log_e_harms
        return VerdictFound(
            at=self.now,
            experiment=self.found.experiment,
            verdict=self.found.verdict,
            blocks=max(1, len(rows.ends)),
            difference_pct=estimate.difference_pct or 0.0,
            log_e=side,
        )

    def end(self, log: ExperimentLog) -> Row | None:
        rows = self._rows(log)
        if rows is None or rows.stop is not None or rows.verdict is None or rows.verdict.verdict != "harms":
            return None
        return Stop(at=self.now, experiment=self.found.experiment, why="harms")

    def _rows(self, log: ExperimentLog) -> ExperimentRows | None:
        last = log.newest
        return last if last is not None and last.definition.id == self.found.experiment else None


def told_words(rows: ExperimentRows, row: Row) -> str:
    """What is sent to people about a row."""
    a, b = rows.definition.a.name, rows.definition.b.name
    name = rows.definition.id
    if isinstance(row, VerdictFound):
        more = f"{row.difference_pct:+.3f} % a block over {row.blocks} blocks"
        if row.verdict == "helps":
            return f"{name}: {a} helps, against {b}: {more}; one block in ten goes on without it, so that a change is noticed"
        return f"{name}: {a} harms, against {b}: {more}"
    if isinstance(row, Stop) and row.why == "harms":
        return f"{name}: gone back to {b}; {a} comes back when you say `ribbon experiment release`"
    if isinstance(row, Stop):
        return f"{name} has ended: {row.detail}"
    return f"{name}: {row.kind}"


def _differs(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    return [name.replace("_sha256", "").replace("_", " ") for name in before if before[name] != now[name]]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
