"""The ledger against plain loops (tests.lib.lessons.reference), and what those rest on, by hand."""

from __future__ import annotations

import json
from math import log

import pytest

from lib.contract.schema import SIGNATURES
from lib.lessons.hypotheses import STREAMS, initial_hypotheses
from lib.lessons.ledger import Ledger
from tests.lib.lessons.made_tables import episodes_in, random_rows, table_of, trade
from tests.lib.lessons.reference import Reference, mixture

DAY = 86_400_000_000
#: As they are registered.
CLAIMS = ("above", "below", "beats")


def entry(ledger, id_):
    return ledger.entries[id_]


def compared(ledger, reference):
    """Both ledgers, hypothesis by hypothesis."""
    assert [entry.hypothesis.id for entry in ledger.entries.values()] == [
        one.hypothesis.id for one in reference.asked
    ]
    for entry, one in zip(ledger.entries.values(), reference.asked, strict=True):
        row = entry.snapshot()
        exact = (
            row.k,
            row.registered,
            row.status,
            row.why,
            row.since,
            row.proven,
            row.large,
            row.n,
            row.episodes,
        )
        assert exact == (
            one.k,
            one.born,
            one.status,
            one.why,
            one.since,
            one.proven,
            one.large,
            len(one.trades),
            len(one.bets),
        ), row.id
        assert row.wins == sum(net > 0 for net in one.trades)
        assert row.beyond == sum(x < -worst for x, worst, _ in one.bets)
        assert row.log_e == pytest.approx(max(mixture(one.bets, one.pair), -1e9), abs=1e-7), row.id
        assert row.doubt == pytest.approx(one.doubt), row.id
        assert entry.sd == pytest.approx(one.sd()), row.id
        if one.bets:
            assert row.mean == pytest.approx(one.mean(), abs=1e-9)
        if one.trades:
            assert row.trade_mean == pytest.approx(sum(one.trades) / len(one.trades))


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_ledger_is_that_of_plain_loops(stream, seed):
    rows = random_rows(stream, seed, 400)
    ledger, reference = Ledger.new(), Reference()
    changes = ledger.fold(stream, table_of(stream, rows))
    for episode in episodes_in(rows):
        reference.feed(stream, *episode)
    compared(ledger, reference)
    assert [tuple(change) for change in changes] == reference.changes
    assert {change.why for change in changes} & {"no_longer", "expired"}
    assert max(reference.inflations.values()) > 2


def test_what_shows_nothing_is_shelved_when_plain_loops_say_so():
    rows = random_rows("wicks", 3, 700, small=True)
    ledger, reference = Ledger.new(), Reference()
    changes = ledger.fold("wicks", table_of("wicks", rows))
    for episode in episodes_in(rows):
        reference.feed("wicks", *episode)
    compared(ledger, reference)
    assert [tuple(change) for change in changes] == reference.changes
    assert {(change.status, change.why) for change in changes} == {("ended", "shelved")}


def test_several_streams_in_one_ledger_share_its_numbers():
    ledger, reference = Ledger.new(), Reference()
    for stream in ("trades", "setups", "rule"):
        rows = random_rows(stream, 4, 60)
        ledger.fold(stream, table_of(stream, rows))
        for episode in episodes_in(rows):
            reference.feed(stream, *episode)
        at = rows[-1]["exit_time"] + 50 * DAY
        ledger.expire(at)
        reference.expire(at)
    compared(ledger, reference)


@pytest.mark.parametrize("at", [1, 150, 260, 399])
def test_folding_in_pieces_and_through_json_gives_the_same_bits(at):
    rows = random_rows("trades", 2, 400)
    table = table_of("trades", rows)
    whole, first = Ledger.new(), Ledger.new()
    changes = whole.fold("trades", table)
    found = first.fold("trades", table[table["episode"] < at])
    second = Ledger.from_dict(json.loads(json.dumps(first.as_dict(), allow_nan=False)))
    found += second.fold("trades", table[table["episode"] >= at])
    assert found == changes and changes
    assert second.as_dict() == whole.as_dict()
    assert first.fresh()[1] + second.fresh()[1] == whole.fresh()[1]


def test_the_episode_that_shows_a_setup_first_is_no_evidence_of_it():
    ledger = Ledger.new()
    rows = [trade(60 * place, 0.19, place, setup=SIGNATURES[0]) for place in range(3)]
    ledger.fold("trades", table_of("trades", rows))
    above, below, beats = (entry(ledger, f"trades.setup.{SIGNATURES[0]}.{claim}") for claim in CLAIMS)
    assert {above.born, below.born, beats.born} == {rows[0]["exit_time"]}
    assert (above.n, above.episodes, beats.n, beats.episodes) == (2, 2, 2, 0)
    assert sorted((beats.k, above.k, below.k)) == [beats.k, above.k, below.k]
    assert beats.k == len(list(initial_hypotheses())) + 1


def test_proven_is_latched_and_dated_by_its_episode():
    ledger = Ledger.new()
    rows = [trade(60 * place, 0.19, place, all="trades") for place in range(60)]
    (change,) = ledger.fold("trades", table_of("trades", rows))
    assert (change.id, change.status, change.why) == ("trades.all.trades.above", "proven", "evidence")
    needed = log(60 / 0.0175)
    capital = [mixture([(0.19, 0.36, 1.0)] * n, False) for n in range(61)]
    first = next(n for n, value in enumerate(capital) if value >= needed)
    assert change.at == rows[first - 1]["exit_time"]
    # Two losses bring the capital below the level again, not the status.
    more = [trade(60 * place, -0.26, place, all="trades") for place in range(60, 62)]
    at_once = Ledger.new()
    at_once.fold("trades", table_of("trades", rows[:first] + more))
    found = entry(at_once, "trades.all.trades.above")
    assert found.mixture.log_e(found.sums) < needed and found.status == "proven"


def test_a_lesson_no_longer_true_is_asked_again_under_a_new_number():
    rows = [trade(60 * place, 0.19 if place < 40 else -0.26, place, all="trades") for place in range(60)]
    ledger = Ledger.new()
    changes = ledger.fold("trades", table_of("trades", rows))
    ended = next(change for change in changes if change.status == "ended")
    # M = max(1, M) (1 + 1.2 (0.03 + 0.26)) = 1.348 a loss: above 20 after 11 of them.
    assert ended.at == rows[40 + 11 - 1]["exit_time"]
    again = entry(ledger, "trades.all.trades.above#2")
    assert (again.born, again.n, again.k) == (ended.at, 9, len(list(initial_hypotheses())) + 1)
    assert entry(ledger, "trades.all.trades.above").n == 51


@pytest.mark.parametrize("later", [44, 45, 46, 300])
def test_a_lesson_expires_at_its_deadline_whenever_that_is_noticed(later):
    rows = [trade(60 * place, 0.19, place, all="trades") for place in range(40)]
    ledger = Ledger.new()
    ledger.fold("trades", table_of("trades", rows))
    found = entry(ledger, "trades.all.trades.above")
    deadline = found.proven_at + 45 * DAY
    assert ledger.expire(deadline - 1) == []
    after = found.proven_at + later * DAY
    if later >= 45:
        next_one = {**trade(0, 0.19, 99, all="trades"), "entry_time": after - 1, "exit_time": after}
        (change,) = ledger.fold("trades", table_of("trades", [next_one]))
        assert (change.status, change.why, change.at) == ("ended", "expired", deadline)
        again = entry(ledger, "trades.all.trades.above#2")
        assert again.born == deadline
        # A trade that began before the question was asked is none of its evidence.
        assert again.n == (later > 45)
    else:
        assert ledger.expire(after) == [] and found.status == "proven"


def test_pairs_count_for_those_that_were_asked_before_they_began():
    """Others that were entered before a question was asked are not compared with, on neither side."""
    first, second = SIGNATURES[:2]
    rows = [
        trade(0, 0.1, 0, minutes=60, setup=first),
        trade(30, -0.2, 1, minutes=60, setup=first),  # begun before the first had ended
        trade(120, 0.2, 2, setup=second),
        trade(180, 0.3, 3, setup=first),
        trade(240, -0.1, 4, setup=second),
    ]
    ledger = Ledger.new()
    ledger.fold("trades", table_of("trades", rows))
    found = entry(ledger, f"trades.setup.{first}.beats")
    assert (found.n, found.episodes) == (1, 1)
    assert found.total == pytest.approx(0.3 - 0.2)
    # Of the second, the third episode is where it was first seen, and the fourth is what it is compared with.
    found = entry(ledger, f"trades.setup.{second}.beats")
    assert (found.episodes, found.total) == (1, pytest.approx(-0.1 - 0.3))


def test_a_pair_is_bounded_by_both_sides_and_dated_by_the_episode_that_completes_it():
    """The newest of those that wait is taken."""
    rows = [
        trade(0, 0.1, 0, direction="LONG", worst_pct=0.3, best_pct=0.2),
        trade(60, -0.2, 1, direction="LONG", worst_pct=0.4, best_pct=0.1),
        trade(120, 0.2, 2, direction="SHORT", worst_pct=0.6, best_pct=0.5),
    ]
    ledger = Ledger.new()
    ledger.fold("trades", table_of("trades", rows[:2]))
    ledger.fresh()
    ledger.fold("trades", table_of("trades", rows[2:]))
    found, observed = ledger.fresh()
    (pair,) = [seen for seen in observed if seen.pair and seen.group.endswith("LONG")]
    assert (pair.at, pair.x) == (rows[2]["exit_time"], pytest.approx(-0.2 - 0.2))
    assert (pair.worst, pair.best) == pytest.approx((0.4 + 0.5, 0.1 + 0.6))
    (row,) = [row for row in found if row.id == "trades.direction.LONG.beats"]
    assert (row.n, row.episodes, row.at) == (2, 1, pair.at)


def test_rows_are_kept_of_what_changed_alone():
    ledger = Ledger.new()
    assert len(ledger.fresh()[0]) == len(ledger.entries)
    assert ledger.fresh() == ([], [])
    rows = [trade(60 * place, 0.19, place, all="trades") for place in range(31)]
    ledger.fold("trades", table_of("trades", rows))
    found, observed = ledger.fresh()
    assert [(row.id.rpartition(".")[2], row.status, row.n) for row in found] == [
        ("above", "proven", 30),
        ("above", "proven", 31),
        ("below", "candidate", 31),
    ]
    assert [(seen.at, seen.trades) for seen in observed] == [(row["exit_time"], row["trade"]) for row in rows]
    assert ledger.fresh() == ([], [])
