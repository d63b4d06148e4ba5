from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from lib.contract.times import iso
from lib.errors import DataError
from lib.history.lesson_effects import (
    VERDICTS,
    Sides,
    effects_at,
    evidence_counts,
    lesson_effects,
    publish_effects,
    verdict_counts,
)
from lib.lessons.eras import LEDGER_FILE
from lib.lessons.lesson import NO_LESSONS, EvidenceCounts
from lib.lessons.store import LedgerStore
from lib.market.readings import instant
from lib.stats.differences import LEAST_EPISODES
from tests.lib.lessons.made_ledger import BEGIN, HOUR, ledger_of, own

LONG = "trades.direction.LONG.above"
DAY = 24 * HOUR
WIN, LOSS = 0.19, -0.26


def outcomes(count: int, share: float, seed: int) -> np.ndarray:
    """Net returns of target and stop, with this share of wins."""
    return np.where(np.random.default_rng(seed).random(count) < share, WIN, LOSS)


def good_start(count: int = 120) -> pd.DataFrame:
    """Enough good trades to make lessons of them before they end."""
    return own(outcomes(count, 0.8, 1))


def after(start: pd.DataFrame, share: float, count: int, seed: int = 2) -> pd.DataFrame:
    """Trades that go on where those stopped."""
    return own(outcomes(count, share, seed), BEGIN + len(start) * HOUR, len(start))


def the(effects, id_=LONG):
    return next(effect for effect in effects if effect.id == id_)


def test_before_and_since_by_hand(tmp_path):
    start = good_start()
    more = after(start, 0.8, 60)
    trades = pd.concat([start, more], ignore_index=True)
    as_of = BEGIN + 180 * HOUR
    with ledger_of(tmp_path, start, more) as store:
        found = the(lesson_effects(store, as_of))
    since = pd.Timestamp(found.large_since)
    assert since in set(trades["exit_time"]) and found.until is None
    assert found.before_from == iso(since - 14 * DAY), "the lesson is younger than two weeks"
    before, during = (
        trades["net_pct"][mask] for mask in (trades["entry_time"] < since, trades["entry_time"] >= since)
    )
    assert (found.trades_before, found.trades_while) == (len(before), len(during)) and len(during) >= 60
    welch = ttest_ind(during, before, equal_var=False).confidence_interval()
    own_sides = found.own
    assert (own_sides.episodes_before, own_sides.episodes_while) == (len(before), len(during))
    told = (own_sides.mean_before_pct, own_sides.mean_while_pct, own_sides.low_pct, own_sides.high_pct)
    assert told == pytest.approx((before.mean(), during.mean(), welch.low, welch.high), abs=5.1e-5)
    assert own_sides.difference_pct == pytest.approx(during.mean() - before.mean(), abs=5.1e-5)
    assert found.group == own_sides, "all trades are LONG here"
    assert found.statement == "LONG entries gain after costs"


def test_a_lesson_that_ended_is_compared_up_to_its_end(tmp_path):
    start = good_start()
    with ledger_of(tmp_path, start, after(start, 0.2, 100)) as store:
        found = the(lesson_effects(store, BEGIN + 400 * HOUR))
        earlier = the(lesson_effects(store, BEGIN + len(start) * HOUR))
    begun, ended = pd.Timestamp(found.large_since), pd.Timestamp(found.until)
    assert found.own.episodes_while == (ended - begun) / HOUR, (
        "one an hour, and those after the end belong to neither side"
    )
    assert found.verdict == "worse" and found.own.high_pct < 0 and found.group == found.own
    # What was not known then: the end, and how it went on.
    assert earlier.until is None and earlier.large_since == found.large_since
    assert earlier.own.episodes_while < found.own.episodes_while and earlier.verdict != "worse"


def test_before_is_as_long_as_while_once_that_is_longer_than_two_weeks(tmp_path):
    start = good_start(1200)
    with ledger_of(tmp_path, start) as store:
        found = the(lesson_effects(store, BEGIN + 1200 * HOUR))
    begun = pd.Timestamp(found.large_since)
    assert pd.Timestamp(found.before_from) == begun - (BEGIN + 1200 * HOUR - begun)


def test_what_lies_further_back_than_before_does_not_count(tmp_path):
    start = own(outcomes(500, 0.62, 9))
    with ledger_of(tmp_path, start, after(start, 0.95, 160)) as store:
        found = the(lesson_effects(store, BEGIN + 660 * HOUR))
    begun, first = pd.Timestamp(found.large_since), pd.Timestamp(found.before_from)
    entries = pd.date_range(BEGIN, periods=660, freq="h")
    before = int(((entries >= first) & (entries < begun)).sum())
    assert begun - first == 14 * DAY and before == 336 < (entries < begun).sum()
    assert found.own.episodes_before == found.trades_before == found.group.episodes_before == before


def test_an_episode_belongs_where_its_first_entry_lies(tmp_path):
    start = good_start()
    with ledger_of(tmp_path, start) as store:
        since = pd.Timestamp(the(lesson_effects(store, BEGIN + DAY * 10)).large_since)
    # The same trades, but the last before the lesson has a companion that is entered after it.
    at = int((start["entry_time"] < since).sum())
    companion = start.iloc[[at - 1]].assign(entry_time=since + pd.Timedelta(minutes=1), trade="companion")
    companion = companion.assign(exit_time=companion["entry_time"] + pd.Timedelta(minutes=5))
    with LedgerStore.open_file(tmp_path / LEDGER_FILE, writable=True) as store:
        before = the(lesson_effects(store, BEGIN + DAY * 10))
        with store.transaction():
            store.add(store.load(), companion)
        found = the(lesson_effects(store, BEGIN + DAY * 10))
    assert found.trades_before == before.trades_before + 1 and found.trades_while == before.trades_while
    assert found.own.episodes_before == before.own.episodes_before
    # One that is entered at the very instant is among those since.
    with LedgerStore.open_file(tmp_path / LEDGER_FILE, writable=True) as store:
        with store.transaction():
            store.add(store.load(), companion.assign(entry_time=since, episode=500, trade="exact"))
        exact = the(lesson_effects(store, BEGIN + DAY * 10))
    assert exact.trades_before == found.trades_before and exact.trades_while == found.trades_while + 1


def test_the_group_s_own_trades_apart(tmp_path):
    start = good_start()
    more = after(start, 0.8, 60)
    others = own(
        outcomes(60, 0.1, 3), BEGIN + len(start) * HOUR + pd.Timedelta(minutes=20), 500, direction="SHORT"
    )
    mixed = (
        pd.concat([more, others])
        .sort_values("entry_time")
        .assign(episode=range(120, 240))
        .reset_index(drop=True)
    )
    with ledger_of(tmp_path, start, mixed) as store:
        found = the(lesson_effects(store, BEGIN + 180 * HOUR))
    assert found.verdict == "worse" and found.own.episodes_while == found.group.episodes_while + 60
    assert found.group.low_pct < 0 < found.group.high_pct


def test_followed_by_better_trades_is_listed_first(tmp_path):
    # LONG loses all along, which is the lesson; SHORT is poor at first and good later.
    bad = own(outcomes(160, 0.15, 4))
    poor = own(outcomes(160, 0.3, 5), BEGIN + pd.Timedelta(minutes=20), direction="SHORT")
    first = pd.concat([bad, poor]).sort_values("entry_time").assign(episode=range(320)).reset_index(drop=True)
    good = own(outcomes(100, 0.95, 6), BEGIN + 170 * HOUR, 320, direction="SHORT")
    with ledger_of(tmp_path, first, good) as store:
        effects = lesson_effects(store, BEGIN + 280 * HOUR)
    order = [VERDICTS.index(effect.verdict) for effect in effects]
    assert order == sorted(order) and effects[0].verdict == "better" and effects[0].own.low_pct > 0
    assert the(effects, "trades.direction.LONG.below").verdict == "better"
    counts = verdict_counts(effects)
    assert list(counts) == list(VERDICTS) and sum(counts.values()) == len(effects) and counts["better"] >= 1


def test_few_episodes_are_no_verdict(tmp_path):
    start = good_start()
    with ledger_of(tmp_path, start) as store:
        since = pd.Timestamp(the(lesson_effects(store, BEGIN + 120 * HOUR)).large_since)
        few = the(lesson_effects(store, since + (LEAST_EPISODES - 1) * HOUR))
        enough = the(lesson_effects(store, since + LEAST_EPISODES * HOUR))
    assert (few.own.episodes_while, few.verdict) == (LEAST_EPISODES - 1, "too few")
    assert enough.own.episodes_while == LEAST_EPISODES and enough.verdict == "not told apart"


def test_no_spread_is_not_told_apart(tmp_path):
    start = good_start()
    with ledger_of(tmp_path, start) as store:
        since = pd.Timestamp(the(lesson_effects(store, BEGIN + 120 * HOUR)).large_since)
    kept = start[start["entry_time"] < since]
    alike = own([WIN] * 40, since.ceil("h"), len(kept))
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    with ledger_of(tmp_path, kept, alike) as store:
        found = the(lesson_effects(store, BEGIN + DAY * 10))
    assert found.own.episodes_while == 40 and (found.own.low_pct, found.verdict) == (None, "not told apart")
    assert found.own.difference_pct > 0


def test_what_never_was_large_enough_has_no_effect(tmp_path):
    with ledger_of(tmp_path, own(outcomes(60, 0.6, 8))) as store:
        assert lesson_effects(store, BEGIN + 400 * HOUR) == []
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    start = good_start()
    with ledger_of(tmp_path, start[:60], start[60:]) as store:
        early = BEGIN + 60 * HOUR
        assert any(row.id == LONG and row.n for row in store.snapshots(instant(early)))
        assert lesson_effects(store, early) == [], "not yet, though it is one later"
        assert lesson_effects(store, BEGIN + 120 * HOUR)


def test_what_a_person_ends_before_it_was_proven_has_no_effect(tmp_path):
    with ledger_of(tmp_path, good_start(12)) as store:
        kept = store.load()
        kept.ledger.retire(LONG, 1 + store.snapshots(10**18)[0].at)
        with store.transaction():
            store.add(kept, None)
        row = next(row for row in store.snapshots(10**18) if row.id == LONG)
        assert row.status == "ended" and lesson_effects(store, BEGIN + 400 * HOUR) == []


def test_the_ledger_of_a_folder_is_read_as_it_is(tmp_path):
    assert effects_at(tmp_path, "2025-07-01T00:00:00Z") == [] and not list(tmp_path.iterdir())
    start = good_start()
    with ledger_of(tmp_path, start) as store:
        expected = lesson_effects(store, BEGIN + 120 * HOUR)
    before = (tmp_path / LEDGER_FILE).read_bytes()
    assert effects_at(tmp_path, iso(BEGIN + 120 * HOUR)) == expected != []
    assert (tmp_path / LEDGER_FILE).read_bytes() == before and [path.name for path in tmp_path.iterdir()] == [
        LEDGER_FILE
    ]
    with LedgerStore.open_file(tmp_path / LEDGER_FILE, writable=True) as store:
        store.connection.execute("UPDATE state SET method = 0")
    assert effects_at(tmp_path, iso(BEGIN + 120 * HOUR)) == [], (
        "of another method: the next cycle rebuilds it"
    )
    (tmp_path / LEDGER_FILE).write_text("no database " * 100)
    with pytest.raises(DataError, match="makes it anew from the data"):
        effects_at(tmp_path, iso(BEGIN))


def test_the_counts_of_insights():
    summary = NO_LESSONS.summary.model_dump() | {"hypotheses": 70, "act_on": 2, "nearest": 0.4}
    found = evidence_counts({"evidence": summary})
    assert (found.hypotheses, found.act_on, found.nearest) == (70, 2, 0.4)
    assert evidence_counts({}) is None
    assert EvidenceCounts.read(found.model_dump() | {"a_later_key": 1}) == found


def test_left_in_the_run_folder(tmp_path):
    with ledger_of(tmp_path, good_start()) as store:
        effects = lesson_effects(store, BEGIN + 120 * HOUR)
    counts = evidence_counts({"evidence": NO_LESSONS.summary.model_dump()})
    written = publish_effects(effects, counts, tmp_path / "run")
    found = json.loads((tmp_path / "run" / "results" / "lesson_history.json").read_text())
    assert found == {"name": "lesson_history", "result": written.model_dump(mode="json")}
    assert found["result"]["verdicts"]["not told apart"] == len(effects) > 0
    assert Sides.model_validate(found["result"]["effects"][0]["own"]) == effects[0].own
    assert publish_effects([], None, "").verdicts == dict.fromkeys(VERDICTS, 0)
