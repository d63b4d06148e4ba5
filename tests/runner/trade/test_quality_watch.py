"""What a person is told of the charts: a fault at once, what follows it once it has stood for a minute."""

from __future__ import annotations

from types import SimpleNamespace

from lib.contract.quality import REMEDIES
from runner.trade.quality_watch import QualityWatch


def told(*looks: tuple[float, str]) -> list[tuple[float, str]]:
    """What looks of (second, fault) say of one chart, with their seconds."""
    watch, found = QualityWatch(), []
    for second, fault in looks:
        known = SimpleNamespace(samples={"5min": SimpleNamespace(fault=fault)})
        found += [(second, text) for text in watch.look(known, second)]
    return found


FROZEN = f"the 5min chart: frozen, no entry is made. {REMEDIES['frozen']}"
OVER = "over: the 5min chart is no longer frozen"


def test_a_fault_is_told_at_once_and_its_end_after_a_minute():
    assert told((0, ""), (10, "frozen"), (20, ""), (79.9, ""), (80, ""), (90, "")) == [
        (10, FROZEN),
        (80, OVER),
    ]


def test_an_end_that_does_not_stand_is_not_told():
    assert told((0, "frozen"), (10, ""), (60, "frozen"), (70, ""), (129, "")) == [(0, FROZEN)]
