"""The table of a study: cells of records, all markets together, and the sentences."""

from __future__ import annotations

from math import log

import pytest

from lib.contract.results import GroupStats
from lib.questions.exploration import Exploration
from lib.questions.study import CellName, Job, JobRecord, Level, StudyTable, study_table


def explored(net: float | None, trades: int = 40) -> Exploration:
    """An exploration of which the table reads `trades` alone."""
    stats = GroupStats(total=trades, wins=trades // 2, win_rate=50.0, episodes=trades, net_mean_pct=net)
    return Exploration.model_construct(trades=stats)


def record(number: int, net: float | None, log_e: float | None, **more) -> JobRecord:
    given = {"state": "answered", "reason": "", "explored": explored(net), "log_e": log_e} | more
    return JobRecord.model_construct(format=1, id=str(number), version="v", confirmed=None, **given)


def table(
    records: list[JobRecord | None], markets: int = 2, confirm: bool = False, spent: bool = False
) -> StudyTable:
    jobs = [
        Job(str(number), CellName(f"q{number // markets}", f"M{number % markets}", "standard", "all"))
        for number in range(len(records))
    ]
    known = {each.id: each for each in records if each is not None}
    return study_table(
        "s", confirm, "v", jobs, known, {f"q{number}": Level(1, spent) for number in range(len(records))}
    )


def test_cells_signs_and_what_replicates():
    strong = log(4_000) + 0.1
    found = table(
        [record(0, 0.2, strong), record(1, 0.1, strong), record(2, 0.2, strong), record(3, -0.1, -2.0)]
    )
    assert [cell.net_mean_pct for cell in found.cells] == [0.2, 0.1, 0.2, -0.1]
    first, second = found.together
    assert (first.gained, first.lost, first.markets, first.replicates, first.counts) == (2, 0, 2, True, False)
    assert (second.gained, second.lost, second.replicates) == (1, 1, False)
    assert first.level == pytest.approx(1 / 4_000) and second.log_e == pytest.approx(-2.0)
    assert (
        found.cells[0].evidence == pytest.approx(strong / log(4_000), abs=1e-4)
        and found.cells[3].evidence == 0
    )
    assert "Of 2 questions asked of several markets, 1 replicates: q0." in found.answer
    assert any("proves nothing" in sentence for sentence in found.answer)


def test_while_a_market_is_open_or_refused_nothing_replicates():
    strong = log(4_000) + 5
    given = [record(0, 0.2, strong), record(1, 0.1, strong), None]
    open_one = table(given, markets=3)
    assert open_one.cells[2].state == "open"
    assert (open_one.together[0].log_e, open_one.together[0].replicates) == (None, False)
    refused = record(2, None, None, state="refused", explored=None, reason="it looks ahead")
    assert table([*given[:2], refused], markets=3).together[0].log_e is None
    assert table([*given[:2], refused], markets=3).cells[2].reason == "it looks ahead"
    # Nothing to answer on is an answer: nothing was bet there.
    nothing = record(2, None, None, state="nothing", explored=None)
    assert table([*given[:2], nothing], markets=3).together[0].replicates


def test_one_market_is_no_replication_and_the_sentences_say_nothing_of_it():
    found = table([record(0, 0.2, 9.0)], markets=1)
    assert found.together[0].log_e is None and not any("replicate" in sentence for sentence in found.answer)
    assert (
        found.answer[0] == "Exploratory (s): 1 cells, 1 answered."
        or found.answer[0] == "Exploratory (s): 1 cell, 1 answered."
    )


def test_confirmed_without_a_level_spent_on_the_markets_together_nothing_is_said_of_them():
    given = [record(0, 0.2, log(4_000) + 5), record(1, 0.1, log(4_000) + 5)]
    said, spent = table(given, confirm=True), table(given, confirm=True, spent=True)
    assert (said.together[0].log_e, said.together[0].replicates, said.together[0].counts) == (
        None,
        False,
        False,
    )
    assert spent.together[0].replicates and spent.together[0].counts
