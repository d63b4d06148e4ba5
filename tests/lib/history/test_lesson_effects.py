from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.contract.times import iso
from lib.errors import DataError
from lib.history.lesson_effects import (
    VERDICTS,
    LessonEffect,
    effects_at,
    ended_counts,
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

LONG, BEATS = "trades.direction.LONG.above", "trades.direction.LONG.beats"
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


def bad_start(count: int = 120, **columns) -> pd.DataFrame:
    """The same of bad ones."""
    return own(outcomes(count, 0.2, 1), **columns)


def since_proven(folder: Path, start: pd.DataFrame, more: Sequence[float], id_=LONG) -> LessonEffect:
    """What became of a lesson that `start` makes, where its group's trades since it was proven are these and no others."""
    with ledger_of(folder / "start", start) as store:
        proven = pd.Timestamp(the(lesson_effects(store, BEGIN + DAY * 20), id_).large_since)
    made = start[start["exit_time"] <= proven]
    with ledger_of(
        folder, made, own(more, proven.ceil("h"), len(made), direction=id_.split(".")[2])
    ) as store:
        found = the(lesson_effects(store, BEGIN + DAY * 20), id_)
    assert pd.Timestamp(found.large_since) == proven
    return found


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "start").mkdir()
    return tmp_path


def after_mean(mean: float, off: float, count: int = 12) -> list[float]:
    """Half of the trades so far above the mean, half below it."""
    return [mean + off, mean - off] * (count // 2)


@pytest.mark.parametrize(
    ("mean", "off", "low", "high", "verdict"),
    [
        # Of 12 values at mean ± off the standard error is off / √11, and Student's t of 11 degrees of freedom 2.201: off · 0.6636 each way.
        (0.05, 0.01, 0.0434, 0.0566, "held"),
        (0.01, 0.05, -0.0232, 0.0432, "not told apart"),
        (-0.05, 0.01, -0.0566, -0.0434, "turned"),
    ],
)
def test_what_became_of_it_by_hand(folder, mean, off, low, high, verdict):
    found = since_proven(folder, good_start(), after_mean(mean, off))
    assert (found.verdict, found.episodes, found.unit, found.until) == (verdict, 12, "episodes", None)
    assert (found.mean_pct, found.low_pct, found.high_pct) == pytest.approx((mean, low, high), abs=5e-5)
    assert found.statement == "LONG entries gain after costs"


@pytest.mark.parametrize(("mean", "verdict"), [(-0.05, "held"), (0.05, "turned")])
def test_one_that_claims_a_loss_holds_where_its_group_loses(folder, mean, verdict):
    id_ = "trades.direction.SHORT.below"
    found = since_proven(folder, bad_start(direction="SHORT"), after_mean(mean, 0.01), id_)
    assert (found.verdict, found.mean_pct, found.low_pct < found.mean_pct < found.high_pct) == (
        verdict,
        mean,
        True,
    )


def both(
    longs: Sequence[float], shorts: Sequence[float], begin: pd.Timestamp = BEGIN, first: int = 0
) -> pd.DataFrame:
    """A LONG and a SHORT trade in each episode, one an hour."""
    made = [own(longs, begin, first), own(shorts, begin, first, direction="SHORT")]
    made[1] = made[1].assign(trade=[f"s{name}" for name in made[1]["trade"]])
    return pd.concat(made).sort_values("entry_time", kind="stable").reset_index(drop=True)


def test_one_of_who_does_better_is_judged_by_its_pairs(tmp_path):
    first = both(outcomes(120, 0.7, 1), outcomes(120, 0.3, 2))
    with ledger_of(tmp_path, first) as store:
        proven = pd.Timestamp(the(lesson_effects(store, BEGIN + 120 * HOUR), BEATS).large_since)
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    made = first[first["exit_time"] <= proven]
    more = both(after_mean(-0.05, 0.01), [-0.10] * 12, proven.ceil("h"), 200)
    with ledger_of(tmp_path, made, more) as store:
        found = the(lesson_effects(store, BEGIN + DAY * 20), BEATS)
    assert (found.verdict, found.episodes, found.unit) == ("held", 12, "pairs"), "though it loses since"
    told = (found.mean_pct, found.low_pct, found.high_pct)
    assert told == pytest.approx((0.05, 0.0434, 0.0566), abs=5e-5)


def test_days_that_hang_together_widen_the_interval(folder):
    since_proven(folder, good_start(), after_mean(0.05, 0.05))
    with LedgerStore.open_file(folder / LEDGER_FILE, writable=True) as store:
        alone = the(lesson_effects(store, BEGIN + DAY * 20))
        store.connection.execute("UPDATE observations SET tempering = 4.0")
        found = the(lesson_effects(store, BEGIN + DAY * 20))
    assert (alone.low_pct, alone.high_pct) == pytest.approx((0.0168, 0.0832), abs=5e-5)
    assert (found.low_pct, found.high_pct) == pytest.approx((-0.0164, 0.1164), abs=5e-5), "twice as wide"
    assert (alone.verdict, found.verdict, found.mean_pct) == ("held", "not told apart", 0.05)


def test_a_lesson_that_ended_is_judged_up_to_its_end(tmp_path):
    start = good_start()
    with ledger_of(tmp_path, start, after(start, 0.2, 100)) as store:
        found = the(lesson_effects(store, BEGIN + 400 * HOUR))
        earlier = the(lesson_effects(store, BEGIN + len(start) * HOUR))
    begun, ended = pd.Timestamp(found.large_since), pd.Timestamp(found.until)
    assert found.episodes == (ended - begun) / HOUR, "one an hour, and none after the end"
    assert ended_counts([found, earlier]) == (1, 1)
    # What was not known then: the end, and how it went on.
    assert (found.ended, earlier.ended) == ("no longer true", "")
    assert earlier.until is None and earlier.large_since == found.large_since
    assert earlier.episodes < found.episodes and earlier.mean_pct > found.mean_pct


def test_those_that_held_are_listed_first_and_all_are_counted(tmp_path):
    # LONG gains from the start on; SHORT does from the sixtieth hour on.
    later = own(outcomes(120, 0.8, 3), BEGIN + 60 * HOUR + pd.Timedelta(minutes=20), direction="SHORT")
    mixed = pd.concat([own(outcomes(180, 0.8, 1)), later]).sort_values("entry_time")
    mixed = mixed.assign(episode=range(300), trade=[f"t{number}" for number in range(300)])
    short = "trades.direction.SHORT.above"
    with ledger_of(tmp_path, mixed) as store:
        proven = pd.Timestamp(the(lesson_effects(store, BEGIN + 180 * HOUR), short).large_since)
        effects = lesson_effects(store, proven)
    assert (the(effects).verdict, effects[-1].id, effects[-1].verdict) == ("held", short, "too few")
    assert the(effects).large_since < effects[-1].large_since, "of equal verdicts the newest would come first"
    counts = verdict_counts(effects)
    assert list(counts) == list(VERDICTS) and sum(counts.values()) == len(effects) and counts["too few"] >= 1


@pytest.mark.parametrize(("count", "verdict"), [(LEAST_EPISODES - 2, "too few"), (LEAST_EPISODES, "held")])
def test_few_episodes_are_no_verdict(folder, count, verdict):
    found = since_proven(folder, good_start(), after_mean(0.05, 0.01, count))
    assert (found.episodes, found.verdict) == (count, verdict)


def test_no_spread_is_not_told_apart(folder):
    found = since_proven(folder, good_start(), [WIN] * 40)
    assert (found.episodes, found.mean_pct) == (40, WIN)
    assert (found.low_pct, found.high_pct, found.verdict) == (None, None, "not told apart")


def test_nothing_since_is_too_few(folder):
    start = good_start()
    with ledger_of(folder, start) as store:
        proven = pd.Timestamp(the(lesson_effects(store, BEGIN + DAY * 20)).large_since)
        found = the(lesson_effects(store, proven))
    assert (found.episodes, found.mean_pct, found.verdict) == (0, None, "too few"), (
        "not even the one that proved it"
    )


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
    assert found["result"]["verdicts"] == verdict_counts(effects)
    assert LessonEffect.model_validate(found["result"]["effects"][0]) == effects[0]
    assert publish_effects([], None, "").verdicts == dict.fromkeys(VERDICTS, 0)
