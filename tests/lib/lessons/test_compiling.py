from __future__ import annotations

from math import ceil

import numpy as np
import pandas as pd
import pytest

from lib.lessons.choices import Choice, Choices
from lib.lessons.compiling import compile_lessons, rate_per_day
from lib.lessons.derived import nearest, restates_costs, to_act_on
from lib.lessons.eras import LEDGER_FILE
from lib.lessons.evidence import DAY
from lib.lessons.hypotheses import parse_id
from lib.lessons.seen import ObservationArrays, bounds_of
from lib.lessons.store import LedgerStore
from lib.market.costs import DEFAULT_COSTS
from lib.market.readings import instant
from tests.lib.lessons.made_ledger import BEGIN, HOUR, answers, ledger_of, own
from tests.lib.lessons.made_tables import table_of, trade

ABOVE, BELOW = "trades.all.trades.above", "trades.all.trades.below"
NONE = Choices([], 0)


def chosen(*made: tuple[str, str]) -> Choices:
    choices = [
        Choice(at="2025-06-02T00:00:00Z", action=action, lesson=lesson, ledger_head="2025-06-02T00:00:00Z")
        for action, lesson in made
    ]
    return Choices(choices, 0)


def by_id(store, as_of, choices=NONE):
    return {lesson.id: lesson for lesson in compile_lessons(store, as_of, choices).lessons}


def test_the_rate_is_that_of_the_last_fourteen_days_or_of_the_log():
    now = 100 * DAY
    at = np.array([day * DAY for day in (1, 86, 87, 99, 100)])
    assert rate_per_day(at, now, 0) == 3 / 14  # the one exactly fourteen days ago is too old
    assert rate_per_day(at, now, 98 * DAY) == 2 / 2
    assert rate_per_day(at, now, now - DAY) == 1 / 1
    assert rate_per_day(at, now, now - DAY + 1) is None  # less than a day tells of no rate
    assert rate_per_day(at[:1], now, 0) is None and rate_per_day(at[:0], now, 0) is None


def test_what_is_still_needed_by_hand(tmp_path):
    nets = [0.19, -0.26] * 24
    with ledger_of(tmp_path, own(nets)) as store:
        found = by_id(store, BEGIN + 48 * HOUR)[ABOVE]
    # α = .0175 / 60: z = 3.4392, with .8416 for four in five 4.2809; sd .225: 1.4 · (4.2809 · .225 / .05)² = 519.5, less the 48 seen;
    # 24 a day.
    assert found.level == pytest.approx(0.0175 / 60)
    z = 3.43925 + 0.84162
    assert found.more_episodes == ceil(1.4 * (z * 0.225 / 0.05) ** 2) - 48
    assert found.more_trades == found.more_episodes
    assert found.more_days == round(found.more_episodes / 24, 1)
    assert (found.n, found.episodes, found.win_rate) == (48, 48, 50.0)
    assert found.breakeven_win_rate == round(100 * 0.26 / 0.45, 1)
    assert found.effect_pct == pytest.approx(48 * -0.035 / 73, abs=1e-4)
    assert found.evidence == 0.0 and found.net_low_pct < -0.035 < found.net_high_pct


def test_trades_of_one_episode_need_as_many_more_trades_as_they_come_in(tmp_path):
    table = own([0.1] * 30).assign(episode=np.arange(30) // 3)
    with ledger_of(tmp_path, table) as store:
        found = by_id(store, BEGIN + 30 * HOUR)[ABOVE]
    assert (found.n, found.episodes) == (30, 10)
    assert found.more_trades == 3 * found.more_episodes
    # Ten episodes over the thirty hours since the first entry.
    assert found.more_days == round(found.more_episodes / (10 / 1.25), 1)


def test_nothing_more_is_asked_of_what_is_proven(tmp_path):
    with ledger_of(tmp_path, own([0.19] * 48)) as store:
        found = by_id(store, BEGIN + 48 * HOUR)
    above, below = found[ABOVE], found[BELOW]
    assert above.status == "proven" and above.more_episodes is above.more_days is above.more_trades is None
    assert above.evidence >= 1 and above.net_low_pct > 0
    assert below.evidence == 0.0 and below.more_episodes > 0
    assert above.effect_pct == -below.effect_pct == pytest.approx(48 * 0.19 / 73, abs=1e-4)
    assert above.trades == ["t47", "t46", "t45", "t44", "t43"]


def test_losses_are_told_when_they_are_more_than_the_costs(tmp_path):
    """Fees are 0.09 %: losing 0.03 % an episode is less than that, losing 0.26 % more."""
    cheap = own([-0.03 + 0.001 * (place % 2) for place in range(600)], worst_pct=0.1, best_pct=0.05)
    with ledger_of(tmp_path / _made(tmp_path, "cheap"), cheap) as store:
        found = by_id(store, BEGIN + 600 * HOUR)[BELOW]
    assert (found.status, found.consequence) == ("proven", "restates_costs")
    with ledger_of(tmp_path / _made(tmp_path, "dear"), own([-0.26] * 100)) as store:
        found = by_id(store, BEGIN + 100 * HOUR)[BELOW]
    assert (found.status, found.consequence) == ("proven", "act_on")


def _made(folder, name):
    (folder / name).mkdir()
    return name


def test_pins_and_vetoes_are_marked_and_may_be_taken_back(tmp_path):
    with ledger_of(tmp_path, own([0.19] * 48)) as store:
        end = BEGIN + 48 * HOUR
        found = by_id(store, end, chosen(("veto", ABOVE), ("pin", BELOW)))
        assert (found[ABOVE].vetoed, found[ABOVE].withheld) == (True, "veto")
        assert found[BELOW].pinned and found[BELOW].withheld == ""
        found = by_id(
            store, end, chosen(("veto", ABOVE), ("unveto", ABOVE), ("pin", BELOW), ("unpin", BELOW))
        )
        assert (found[ABOVE].vetoed, found[ABOVE].withheld, found[BELOW].pinned) == (False, "", False)


UP = {"direction": "", "all": "answers", "from_70": "up", "from_75": "up"}


def test_the_threshold_is_that_of_a_proven_lesson_of_the_whole_log(tmp_path):
    with ledger_of(tmp_path, answers([0.19] * 60, **UP)) as store:
        found = compile_lessons(store, BEGIN + 60 * HOUR, NONE)
        lessons = {lesson.id: lesson for lesson in found.lessons}
        assert (found.optimal_confidence_threshold, found.summary.answers) == (0.70, 60)
        # Told as the threshold, and not as advice besides.
        assert lessons["answers.from_75.up.above"].consequence == "threshold"
        assert [lesson.id for lesson in to_act_on(found.lessons)] == ["answers.all.answers.above"]
        found = compile_lessons(store, BEGIN + 60 * HOUR, chosen(("veto", "answers.from_70.up.above")))
        assert found.optimal_confidence_threshold == 0.75
        found = compile_lessons(store, BEGIN + 29 * HOUR, NONE)
        assert (found.optimal_confidence_threshold, found.summary.answers) == (None, 29)


def test_thirty_gains_that_a_bound_at_five_percent_would_call_proven_are_no_threshold(tmp_path):
    with ledger_of(tmp_path, answers([0.05, 0.15] * 15, **UP)) as store:
        assert compile_lessons(store, BEGIN + 30 * HOUR, NONE).optimal_confidence_threshold is None


def test_the_threshold_is_gone_when_its_lesson_has_ended(tmp_path):
    losing = answers([-0.26] * 30, BEGIN + 60 * HOUR, 60, **UP)
    with ledger_of(tmp_path, answers([0.19] * 60, **UP), losing) as store:
        assert compile_lessons(store, BEGIN + 60 * HOUR, NONE).optimal_confidence_threshold == 0.70
        found = compile_lessons(store, BEGIN + 90 * HOUR, NONE)
    ended = {lesson.id: lesson for lesson in found.lessons}["answers.from_70.up.above"]
    assert (ended.status, ended.why, found.optimal_confidence_threshold) == ("ended", "no_longer", None)


def test_of_own_trades_and_answers_of_one_group_only_the_latter_are_told(tmp_path):
    """The lessons of `trades` have come first, and are proven all the same; of what only they speak of they are told."""
    trades = own([0.19] * 48, wick="present")
    with ledger_of(tmp_path, trades, answers([0.19] * 48)) as store:
        found = by_id(store, BEGIN + 48 * HOUR)
    told = {lesson.id for lesson in to_act_on([*found.values()])}
    assert told == {"answers.all.answers.above", "answers.direction.LONG.above", "trades.wick.present.above"}
    for own_id, instead in (
        (ABOVE, "answers.all.answers.above"),
        ("trades.direction.LONG.above", "answers.direction.LONG.above"),
    ):
        lesson = found[own_id]
        assert (lesson.status, lesson.consequence, lesson.withheld) == ("proven", "withheld", "answers")
        assert lesson.withheld_for == instead


def test_days_of_answers_count_since_the_first_answer(tmp_path):
    with ledger_of(tmp_path, answers([0.19, -0.26] * 24, BEGIN + 240 * HOUR)) as store:
        found = by_id(store, BEGIN + 288 * HOUR)["answers.all.answers.above"]
    # 47 of them after the first one's end, in the 47 hours and 50 minutes since then.
    per_day = 47 / ((47 * 60 + 50) / 1440)
    assert found.more_days == round(found.more_episodes / per_day, 1)


def test_the_summary_counts_what_stood_at_the_hour(tmp_path):
    with ledger_of(tmp_path, own([0.19] * 24), own([0.19] * 24, BEGIN + 24 * HOUR, 24)) as store:
        found = compile_lessons(store, BEGIN + 48 * HOUR + pd.Timedelta(minutes=59), NONE).summary
        early = compile_lessons(store, BEGIN + 24 * HOUR, NONE).summary
        standing = store.snapshots(instant(BEGIN))
    assert (found.trades, found.episodes, found.days, found.episodes_per_day) == (48, 48, 2.0, 24.0)
    assert (found.head, early.head) == ("2025-06-03T00:00:00Z", "2025-06-02T00:00:00Z")
    # Above zero of all trades and of LONG.
    assert (found.act_on, found.proven, early.act_on, early.proven) == (2, 2, 0, 0)
    assert found.hypotheses == early.hypotheses == len(standing)
    assert found.candidates == len(standing) - 2


@pytest.mark.parametrize(
    ("net", "consequence", "to_act_on"), [(0.19, "withheld", 1), (-0.08, "restates_costs", 0)]
)
def test_not_all_that_is_proven_is_to_be_acted_on(tmp_path, net, consequence, to_act_on):
    """A veto leaves the one of the two that nobody vetoed; losses that the costs explain leave none."""
    with ledger_of(tmp_path, own([net] * 200)) as store:
        found = compile_lessons(store, BEGIN + 200 * HOUR, chosen(("veto", ABOVE)))
    proven = [lesson for lesson in found.lessons if lesson.status == "proven"]
    assert consequence in {lesson.consequence for lesson in proven}
    assert found.summary.proven == len(proven) > found.summary.act_on == to_act_on


def test_markets_have_a_rate_before_the_first_own_trade(tmp_path):
    rows = [
        trade(60 * place, 0.19 if place % 2 else -0.26, place, kind="WICK_DOWN_LONG") for place in range(49)
    ]
    with LedgerStore.open_file(tmp_path / LEDGER_FILE, writable=True) as store:
        kept = store.load()
        kept.ledger.fold("wicks", table_of("wicks", rows))
        with store.transaction():
            store.add(kept._replace(head="2025-06-03T01:00:00Z"), None)
        found = by_id(store, BEGIN + 49 * HOUR)["wicks.kind.WICK_DOWN_LONG.above"]
    # 48 more since the first ended at 0:10, in 48 hours and 50 minutes.
    assert found.more_days == round(found.more_episodes / (48 / (48 + 50 / 60) * 24), 1)


def test_each_bound_rests_on_the_returns_declared_on_its_side():
    x = np.array([0.19, -0.26, 0.3] * 40)
    ones = np.ones(len(x))
    seen = ObservationArrays(np.arange(len(x)), x, 0.36 * ones, 0.9 * ones, ones)
    mirrored = ObservationArrays(seen.at, -x, seen.best, seen.worst, ones)
    hypothesis = parse_id(ABOVE)
    low, high = bounds_of(hypothesis, 1, seen)
    assert (-high, -low) == bounds_of(hypothesis, 1, mirrored)
    assert high > bounds_of(hypothesis, 1, seen._replace(best=seen.worst))[1] > x.mean() > low


def test_the_nearest_is_the_one_that_is_printed_as_such(tmp_path):
    """A loss that may be no more than the costs has evidence, but is no question whose answer anybody waits for."""
    with ledger_of(tmp_path, own([-0.05, -0.04] * 10)) as store:
        found = compile_lessons(store, BEGIN + 20 * HOUR, NONE)
    below = next(lesson for lesson in found.lessons if lesson.id == BELOW)
    assert below.status == "candidate" and below.evidence > 0.01 and restates_costs(below, DEFAULT_COSTS)
    assert found.summary.nearest is None and nearest(found.lessons, DEFAULT_COSTS) == []
