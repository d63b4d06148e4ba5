from __future__ import annotations

import numpy as np
import pytest

from lib.lessons.choices import load_choices
from lib.lessons.compiling import LessonCompiler, compile_lessons
from lib.lessons.hypotheses import parse_id
from lib.lessons.seen import ObservationArrays, bounds_of
from lib.market.readings import instant
from lib.stats.groups import round_percent
from tests.lib.lessons.made_ledger import BEGIN, HOUR, answers, ledger_of, own, take_in


def test_what_ended_during_a_time_its_beginning_left_out():
    at = np.array([10, 20, 20, 30])
    seen = ObservationArrays(at, *(at / scale for scale in (1, 2, 4, 8)))
    assert seen.during(-1, 30).at.tolist() == [10, 20, 20, 30]
    assert seen.during(10, 20).x.tolist() == [20.0, 20.0]
    assert seen.during(10, 29).tempering.tolist() == [2.5, 2.5]
    assert len(seen.during(30, 40).at) == 0 == len(seen.during(0, 9).at)


@pytest.mark.parametrize("hours", [30, 200])
def test_each_lesson_is_bounded_by_its_own_episodes_alone(tmp_path, hours):
    """Claims share the observations of their group, but one that is asked late, or has ended, has seen fewer of them."""
    numbers = np.random.default_rng(3)
    nets = [*np.full(60, 0.19), *numbers.choice([0.19, -0.26], 160)]
    table = own(nets, setup=["LONG_MIXED", "LONG_BOTH_GREEN"] * 110)
    now = BEGIN + hours * HOUR
    with ledger_of(tmp_path, *(table[first : first + 5] for first in range(0, 220, 5))) as store:
        found = compile_lessons(store, now, load_choices(tmp_path)).lessons
        rows = {row.id: row for row in store.snapshots(instant(now))}
        for lesson in found:
            hypothesis, row = parse_id(lesson.id), rows[lesson.id]
            pair = lesson.claim == "beats"
            alone = ObservationArrays(*store.observed(hypothesis.group, pair, row.registered, row.at))
            assert len(alone.at) == lesson.episodes
            bounds = [round_percent(bound) for bound in bounds_of(hypothesis, row.k, alone)]
            assert bounds == [lesson.net_low_pct, lesson.net_high_pct]
    assert {lesson.family for lesson in found} >= {"all", "direction", "setup"}
    assert any(lesson.net_low_pct is not None for lesson in found)
    if hours == 200:
        assert len({lesson.status for lesson in found}) > 1


def test_a_ledger_that_grew_while_it_was_compiled_gives_the_lessons_that_it_gives_anew(tmp_path):
    """Hour after hour: with new rows of one stream, of the other, of both, and with none."""
    numbers, choices = np.random.default_rng(5), load_choices(tmp_path)
    changed = []
    with ledger_of(tmp_path) as store:
        compiler, before = LessonCompiler(store), None
        for hour in range(0, 400, 4):
            begin, kind = BEGIN + hour * HOUR, hour // 4 % 4
            for made, wanted in ((own, kind in (0, 1)), (answers, kind in (0, 2))):
                if wanted:
                    nets = numbers.choice([0.29, -0.26], 3, p=[0.8, 0.2])
                    take_in(store, made(nets, begin, hour, setup=["LONG_MIXED", "LONG_BOTH_GREEN", ""]))
            found = compiler.compile(begin + 4 * HOUR, choices)
            assert found == LessonCompiler(store).compile(begin + 4 * HOUR, choices)
            changed.append(found != before)
            before = found
    assert all(changed) and {lesson.status for lesson in found.lessons} >= {"candidate", "proven"}
    assert any(lesson.more_days for lesson in found.lessons) and found.summary.trades == 150
