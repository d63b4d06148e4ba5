"""Two sides read and compared, out of the files of their folders: no lock is taken and nothing is written."""

from __future__ import annotations

from pathlib import Path

from lib.analysis.side_by_side import side_by_side
from lib.errors import ParameterError
from runner.compare.conditions import conditions_of, one_log, one_market
from runner.compare.models import Comparison, ComparisonRecord
from runner.compare.sides import read_side
from runner.compare.words import answer_sentences, note_sentences


def read_comparison(a: str, b: str, outputs: Path) -> Comparison:
    """Compare what two names stand for: two cycles (names below `outputs`, or folders), or two replays (folders).

    Raises ParameterError for what is neither, for one thing twice and for one of each; what `read_side` raises.
    """
    first, second = read_side(a, outputs), read_side(b, outputs)
    if first.record.folder == second.record.folder:
        raise ParameterError(f"A and B are one and the same: {first.record.folder}. Name two")
    if first.record.kind != second.record.kind:
        raise ParameterError(
            f"{first.record.name} is a {first.record.kind} and {second.record.name} a {second.record.kind}: compare two of a kind. "
            "`ribbon cycle --trading-data FOLDER --as-of newest` makes a cycle of a replay's folder"
        )
    found = side_by_side(
        first.closed, second.closed, one_market=one_market(first, second), one_log=one_log(first, second)
    )
    conditions = conditions_of(first, second)
    record = ComparisonRecord(
        answer=answer_sentences(first.record, second.record, found, conditions),
        a=first.record,
        b=second.record,
        conditions=conditions,
        found=found,
        notes=note_sentences(first, second, found),
    )
    return Comparison(record, first, second)
