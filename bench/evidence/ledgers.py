"""The ledger as it is, fed day by day, and ledgers that lack one of its precautions, which must fail where it does not."""

from __future__ import annotations

from math import log

import numpy as np
import pandas as pd

from bench.evidence.tables import days_of
from lib.lessons.evidence import Change, Evidence
from lib.lessons.hypotheses import FAMILIES, Hypothesis
from lib.lessons.ledger import Family, Ledger
from lib.stats.dependence import DayCells

EACH_AT = 0.05


class WithoutMultiplicity(Ledger):
    """Each hypothesis is judged at 5 % of its own, as if it were the only one."""

    def register(self, hypothesis: Hypothesis, at: int) -> Evidence:
        """Give the hypothesis the next number, and a level that does not depend on it."""
        entry = super().register(hypothesis, at)
        entry.needed = -log(EACH_AT)
        return entry


class Independent(DayCells):
    """Days are never found to hang together."""

    def _inflation(self) -> float:
        return 1.0


class Untempered(Ledger):
    """Evidence is never tempered."""

    def __init__(self, entries: list[Evidence], families: dict[str, Family], recording: bool = True):
        names = [f"{stream}.{family}" for stream, found in FAMILIES.items() for family in found]
        super().__init__(entries, families | {name: Family(days=Independent()) for name in names}, recording)


def fold_days(ledger: Ledger, tables: dict[str, pd.DataFrame], days: float = 1.0) -> list[Change]:
    """Feed the ledger with the tables, so many days at once; returns all changes. It latches at every episode whatever the span."""
    changes = []
    for parts in days_of(tables, days):
        for stream, table in parts.items():
            changes += ledger.fold(stream, table)
    return changes


def found_by(changes: list[Change]) -> list[Change]:
    """The changes by which something became a lesson."""
    return [change for change in changes if change.why == "evidence"]


def each_alone(table: pd.DataFrame) -> pd.DataFrame:
    """The table as if no trades overlapped: each an episode of its own, in the order of their exits."""
    ordered = table.sort_values("exit_time", ignore_index=True)
    return ordered.assign(episode=np.arange(len(ordered)))
