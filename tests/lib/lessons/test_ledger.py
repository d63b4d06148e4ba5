from __future__ import annotations

import json
from collections import defaultdict
from math import log

import numpy as np
import pandas as pd
import pytest

from lib.lessons.episodes import Cell
from lib.lessons.evidence import DAY, Evidence
from lib.lessons.hypotheses import FAMILIES, Hypothesis, initial_hypotheses
from lib.lessons.ledger import Ledger
from lib.lessons.pairs import Pairing
from lib.stats.levels import level
from tests.lib.lessons.made_ledger import own

SETUPS = ("LONG_BOTH_GREEN", "SHORT_BOTH_RED", "LONG_MIXED", "SHORT_WICK_UP_MIXED")
MINUTE = 60_000_000


def crowded(seed: int, episodes: int, mean: float = 0.0) -> pd.DataFrame:
    """Own trades, one to four an episode, in every family; an episode every half hour."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 5, episodes)
    number = np.repeat(np.arange(episodes), sizes)
    count = len(number)
    entry = pd.Timestamp("2025-06-01", tz="UTC") + pd.to_timedelta(
        number * 30 + rng.integers(0, 5, count), "min"
    )
    direction = rng.choice(["LONG", "SHORT"], count)
    table = pd.DataFrame(
        {
            "entry_time": entry,
            "exit_time": entry + pd.to_timedelta(rng.integers(5, 20, count), "min"),
            "net_pct": rng.choice([0.19, -0.26, 0.02, -0.05], count) + mean,
            "worst_pct": rng.choice([0.36, 0.5], count),
            "best_pct": 0.29,
            "trade": [f"t{place}" for place in range(count)],
            "episode": number,
            "all": "trades",
            "direction": direction,
            "band": rng.choice(["high", "medium", "low", ""], count),
            "pattern": rng.choice(["all_green", "all_red", "mixed", ""], count),
            "wick": rng.choice(["present", "absent"], count),
            "timeframes": rng.choice(["agree", "apart", ""], count),
            "regime": np.char.add("RANGING_QUIET_", direction.astype(str)),
            "setup": rng.choice(SETUPS, count),
        }
    )
    return table.sort_values(["episode", "entry_time"], kind="stable").reset_index(drop=True)


def mixture(rates: tuple[float, ...], weights: tuple[float, ...], bets: list[tuple[float, float]]) -> float:
    """Log of the capital: each bet's product of (1 + rate·x), the rate capped at 0.9 of the declared worst loss."""
    products = [np.prod([1 + min(rate, 0.9 / worst) * x for x, worst in bets]) for rate in rates]
    return log(sum(weight * product for weight, product in zip(weights, products, strict=True)))


def reference(table: pd.DataFrame, family: str, value: str) -> dict[str, list[tuple[float, float]]]:
    """What each claim about a group bets on, in plain loops: episode means, pairs (tested for themselves); setups once seen."""
    seen = FAMILIES["trades"][family] != ()
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    pairing, best = Pairing(), 0.0
    for _, episode in table[table[family] != ""].groupby("episode"):
        group, others = (episode[episode[family] == value], episode[episode[family] != value])
        best = max(best, episode["best_pct"].max())
        if not seen:
            seen = len(group) > 0
            continue
        if len(group):
            mean = group["net_pct"].mean()
            found["above"].append((mean, group["worst_pct"].max()))
            found["below"].append((-mean, group["best_pct"].max()))
        if len(group) and len(others):
            worst = group["worst_pct"].max() + best
            found["beats"].append((group["net_pct"].mean() - others["net_pct"].mean(), worst))
        else:
            cell = Cell(n=1, net=group["net_pct"].mean(), worst=group["worst_pct"].max())
            alone = (cell, None) if len(group) else (None, others["net_pct"].mean())
            pair = pairing.observe(*alone, 0.0, best)
            found["beats"] += [(pair.difference, pair.worst)] if pair else []
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_is_the_method_in_plain_loops(seed):
    table = crowded(seed, 40)
    ledger = Ledger.new()
    assert ledger.fold("trades", table) == []
    checked = 0
    for entry in ledger.entries.values():
        hypothesis = entry.hypothesis
        if hypothesis.stream != "trades":
            continue
        bets = reference(table, hypothesis.family, hypothesis.value)[hypothesis.claim]
        own_trades = table[table[hypothesis.family] == hypothesis.value]
        assert entry.episodes == len(bets), hypothesis.id
        if not bets:
            continue
        checked += 1
        sign = -1 if hypothesis.claim == "below" else 1
        assert entry.total == pytest.approx(sign * sum(x for x, _ in bets)), hypothesis.id
        assert entry.mixture.log_e(entry.sums) == pytest.approx(
            mixture(entry.mixture.rates, entry.mixture.weights, bets)
        ), hypothesis.id
        if hypothesis.family != "setup":
            assert (entry.n, entry.trade_total) == (
                len(own_trades),
                pytest.approx(own_trades["net_pct"].sum()),
            )
            assert entry.wins == (own_trades["net_pct"] > 0).sum()
    assert checked > 50


def test_standing_hypotheses_come_first_and_setups_when_seen():
    ledger = Ledger.new()
    ids = [hypothesis.id for hypothesis in initial_hypotheses()]
    assert list(ledger.entries) == ids and [entry.k for entry in ledger.entries.values()] == list(
        range(1, len(ids) + 1)
    )
    ledger.fold("trades", own([0.1], setup="LONG_MIXED"))
    entry = ledger.entries["trades.setup.LONG_MIXED.above"]
    assert entry.k > len(ids) and entry.n == entry.episodes == 0
    ledger.fold("trades", own([0.1], begin=pd.Timestamp("2025-06-02T00:00:00Z"), first=1, setup="LONG_MIXED"))
    assert (entry.n, entry.episodes) == (1, 1)


def test_a_word_that_is_no_signature_is_nobody_s_hypothesis():
    ledger = Ledger.new()
    ledger.fold("trades", own([0.1] * 3, setup="BUY EVERYTHING"))
    assert not [id_ for id_ in ledger.entries if ".setup." in id_]


def test_supported_is_latched_at_the_episode_that_reaches_the_level():
    ledger = Ledger.new()
    (first, *others) = [
        change for change in ledger.fold("trades", own([0.19] * 60)) if change.id == "trades.all.trades.above"
    ]
    entry = ledger.entries["trades.all.trades.above"]
    needed = next(
        count for count in range(1, 61)
        if mixture(entry.mixture.rates, entry.mixture.weights, [(0.19, 0.36)] * count) >= -log(level(entry.k))
    )  # fmt: skip
    assert first.status == "proven" and ledger.entries[first.id].large_at == first.at and others == []
    assert first.at == entry.since == int(own([0.0] * 60)["exit_time"].iloc[needed - 1].value // 1000)


def test_a_small_effect_is_supported_and_not_active():
    ledger = Ledger.new()
    changes = ledger.fold("trades", own([0.019] * 400))
    assert ("proven", "evidence") in [(c.status, c.why) for c in changes if c.id == "trades.all.trades.above"]
    assert ledger.entries["trades.all.trades.above"].large_at == 0


def test_a_lesson_that_turns_is_retired_and_asked_anew_with_a_new_number():
    ledger = Ledger.new()
    ledger.fold("trades", own([0.19] * 60))
    changes = ledger.fold("trades", own([-0.26] * 30, begin=pd.Timestamp("2025-06-10T00:00:00Z"), first=60))
    (ended,) = [change for change in changes if change.id == "trades.all.trades.above"]
    assert (ended.status, ended.why) == ("ended", "no_longer")
    again = ledger.entries["trades.all.trades.above#2"]
    assert again.k == len(list(initial_hypotheses())) + 1
    assert again.born == ended.at and 0 < again.episodes < 30
    assert ledger.entries["trades.all.trades.above"].episodes + again.episodes == 90


def test_a_lesson_without_trades_expires_on_its_day_whenever_that_is_looked_at():
    for late in (1, 400):
        ledger = Ledger.new()
        ledger.fold("trades", own([0.19] * 60))
        entry = ledger.entries["trades.all.trades.above"]
        assert entry.status == "proven"
        due = entry.expires_at()
        assert due == entry.recent[0] + 45 * DAY
        assert ledger.expire(due - 1) == []
        gone = [change for change in ledger.expire(due + late * DAY) if change.id == entry.hypothesis.id]
        assert [(change.at, change.status, change.why) for change in gone] == [(due, "ended", "expired")]


def test_what_has_seen_enough_for_nothing_is_shelved_and_not_asked_again():
    entry = Evidence(Hypothesis("trades", "all", "trades", "above"), k=1, born=0)
    statuses = []
    for place in range(2500):
        if entry.status != "candidate":
            break
        entry.observe(0.16 if place % 2 else -0.16, 0.36, 1.0, place)
        statuses.append(entry.status)
    assert (entry.status, entry.why) == ("ended", "shelved")
    assert entry.episodes == pytest.approx(3 * entry.size_factor * 0.16**2, abs=2)
    ledger = Ledger([entry], {})
    assert ledger.fold("trades", own([0.19] * 5)) == [] and entry.episodes == len(statuses)
    assert [id_ for id_ in ledger.entries if "#2" in id_] == []


def test_a_person_ends_one_for_good():
    ledger = Ledger.new()
    assert ledger.retire("trades.all.trades.above", 7).why == "person"
    assert ledger.retire("trades.all.trades.above", 8) is None and ledger.retire("no such", 8) is None
    ledger.fold("trades", own([0.19] * 40))
    assert ledger.entries["trades.all.trades.above"].n == 0
    assert "trades.all.trades.above#2" not in ledger.entries


def test_losses_beyond_the_declared_are_counted_and_empty_a_bet():
    ledger = Ledger.new()
    ledger.fold("trades", own([0.1, -2.0]))
    entry = ledger.entries["trades.all.trades.above"]
    assert entry.beyond == 1 and entry.sums == [-np.inf] * len(entry.sums)
    assert Evidence.from_dict(json.loads(json.dumps(entry.as_dict()))).sums == entry.sums


@pytest.mark.parametrize("cut", [1, 17, 39])
def test_in_pieces_and_through_json_it_is_the_same_to_the_bit(cut):
    table = crowded(5, 40, mean=0.05)
    whole, part = Ledger.new(), Ledger.new()
    whole.fold("trades", table)
    part.fold("trades", table[table["episode"] < cut])
    part = Ledger.from_dict(json.loads(json.dumps(part.as_dict())))
    part.fold("trades", table[table["episode"] >= cut])
    assert part.as_dict() == whole.as_dict()


def test_fresh_gives_a_row_for_what_changed_and_each_observation_once():
    ledger = Ledger.new()
    rows, _ = ledger.fresh()
    assert len(rows) == len(list(initial_hypotheses())) and {row.status for row in rows} == {"candidate"}
    ledger.fold("trades", own([0.1, 0.1]))
    rows, observed = ledger.fresh()
    assert {row.id for row in rows} == {
        f"trades.{group}.{claim}"
        for group, claims in (
            ("all.trades", ("above", "below")),
            ("direction.LONG", ("beats", "above", "below")),
        )
        for claim in claims
    }
    assert [(found.group, found.pair) for found in observed] == [
        ("trades.all.trades", False), ("trades.direction.LONG", False),
    ] * 2  # fmt: skip
    assert ledger.fresh() == ([], [])


def test_what_a_person_ended_while_it_waited_for_the_others_stays_as_it_was_after_a_restart():
    beats = "trades.direction.LONG.beats"
    ledger = Ledger.new()
    ledger.fold("trades", own([0.2, 0.1]))
    ledger.retire(beats, 1)
    other = own([-0.2], begin=pd.Timestamp("2025-06-02T00:00:00Z"), first=2).assign(direction="SHORT")
    for one in (ledger, Ledger.from_dict(json.loads(json.dumps(ledger.as_dict())))):
        one.fold("trades", other)
        entry = one.entries[beats]
        assert (entry.status, entry.why, entry.n, entry.episodes) == ("ended", "person", 2, 0)


def test_what_ended_earlier_and_came_later_is_in_the_newest_row():
    """An exit that was logged hours late: the rows of a hypothesis stay in the order of time, and the newest has all that it saw."""
    table = crowded(seed=3, episodes=40)
    ledger = Ledger.new()
    first, late = table[table["episode"] < 20], table[table["episode"] >= 20]
    ledger.fold("trades", late)
    before = {row.id: row for row in ledger.fresh()[0]}
    ledger.fold("trades", first)
    rows, _ = ledger.fresh()
    again = [row for row in rows if row.id in before and row.n]
    assert len(again) > 20 and all(row.at >= before[row.id].at for row in again)
    (whole,) = [row for row in again if row.id == "trades.all.trades.above"]
    assert (whole.n, whole.episodes) == (len(table), 40) and whole.at == before[whole.id].at
    (paired,) = [row for row in again if row.id == "trades.direction.LONG.beats"]
    assert paired.n > before[paired.id].n and paired.at >= before[paired.id].at
