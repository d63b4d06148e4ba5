"""The nouns of a check: a finding, what one check found, and the verdicts.

Verdicts: `clean`: nothing depends on what came later. `found`: something does. `changed`: today's figures are not those of then, but the
later rows are not the reason: data or code changed since. `unchecked`: nothing could be compared, or the runs do not repeat themselves, or
nothing can be said of what happens inside the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from runner.errors import LookaheadError, LookaheadUnchecked
from runner.lookahead.documents import Difference

Verdict = Literal["clean", "found", "changed", "unchecked"]
_READ = (
    "Let the notebook read through lib.data.window.load_window with its as_of, and compute from nothing else"
)
_WITHOUT = {
    "cut": f"with the later rows cut off. {_READ}",
    "poison": f"with the later rows made absurd. {_READ}",
    "inside": "when nothing later was known. Let a row rest on what is before its own time, or date it by when it is known "
    "(column known_at); name a column of what followed outcome_…, and a table of hindsight hindsight_…",
}
#: Differences that a line for people names; --json has them all.
SHOWN = 5


@dataclass(frozen=True)
class LookaheadFinding:
    """A value that depends on later rows: `then` with them or as published, `now` without (cut), with others (poison), or as a run with an
    earlier as_of has it (inside).
    """

    mode: str
    file: str
    path: str
    then: Any
    now: Any


@dataclass
class Check:
    """What was found for one cycle, or for one notebook at one instant."""

    name: str
    as_of: str
    verdict: Verdict = "clean"
    compared: int = 0  #: values compared, of all modes together
    instants: int = 0  #: inside the window: earlier runs that were compared
    instants_wanted: int = 0  #: those that were to be made; fewer than the window's hours with --steps
    later_rows: dict[str, int] = field(default_factory=dict)
    findings: list[LookaheadFinding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def doubt(self, why: str) -> None:
        """Nothing can be said of a part, so the whole is not clean; what was found stays found."""
        self.notes.append(why)
        if self.verdict != "found":
            self.verdict = "unchecked"

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def findings_of(mode: str, found: Sequence[Difference]) -> list[LookaheadFinding]:
    """Differences as findings of a mode."""
    return [LookaheadFinding(mode, each.file, each.path, each.then, each.now) for each in found]


def raise_for(checks: Sequence[Check]) -> None:
    """Raise LookaheadFound if anything was found, else LookaheadUnchecked if anything could not be checked."""
    found = [check for check in checks if check.verdict == "found"]
    if found:
        first = found[0].findings[0]
        count = sum(len(check.findings) for check in found)
        raise LookaheadError(
            f"{count} values depend on rows that were not known, the first in {found[0].name} at {found[0].as_of}: {first.file}, "
            f"{first.path} is {first.then!r}, and {first.now!r} {_WITHOUT[first.mode]}"
        )
    unchecked = [check for check in checks if check.verdict == "unchecked"]
    if unchecked or not checks:
        # Once each: the same notebook mostly fails alike at every instant.
        each = dict.fromkeys(f"{check.name}: {check.notes[-1]}" for check in unchecked)
        why = "; ".join(each) or "no cycle to check"
        raise LookaheadUnchecked(f"nothing can be said of {why}")


def lines(check: Check) -> list[str]:
    """One check, for people."""
    later = sum(check.later_rows.values())
    told = [
        f"{check.name} at {check.as_of}: {check.verdict}; {check.compared:,} values compared, {later:,} later rows"
    ]
    if check.instants_wanted:
        told.append(f"  inside the window: {check.instants} of {check.instants_wanted} earlier runs compared")
    told += [
        f"  {each.mode}: {each.file}, {each.path}: {_short(each.then)} → {_short(each.now)}"
        for each in check.findings[:SHOWN]
    ]
    if len(check.findings) > SHOWN:
        told.append(f"  and {len(check.findings) - SHOWN} more (--json lists them)")
    return told + [f"  {note}" for note in check.notes]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
