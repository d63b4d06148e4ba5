"""An exploration's and a question's terms in words."""

from __future__ import annotations

import pytest

from lib.market.terms import DEFAULT_TERMS
from lib.questions.exploring import explore
from lib.questions.history import boundary_of
from lib.questions.telling import exploration_sentences, terms_words
from tests.lib.questions.made import WICKS, history, question
from tests.runner.ask.made import asked_here


def with_exits(text: str) -> str:
    return f"{WICKS}\n\nEXITS = {text}\n"


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    asked, shown = question(tmp_path_factory.mktemp("question")), history()
    part = shown.until(boundary_of(shown))
    said = asked_here(asked, part.candles_5min)
    return explore(asked, part, said.directions, DEFAULT_TERMS, boundary_of(shown), None, said.checked).record


@pytest.mark.parametrize(
    ("rank", "words"),
    [
        (1.0, "better than those, above 100 of 100"),
        (0.95, "better than those, above 95 of 100"),
        (0.949, "no different from those, above 94 of 100"),  # 94.9 is below the bound, and says so
        (0.57, "no different from those, above 57 of 100"),
        (0.5, "no different from those, above 50 of 100"),
        (0.07, "no different from those, above 7 of 100"),
        (0.051, "no different from those, above 6 of 100"),
        (0.05, "worse than those, above 5 of 100"),
        (0.0, "worse than those, above 0 of 100"),
    ],
)
def test_a_rank_is_never_rounded_onto_the_bound_that_it_missed(found, rank, words):
    chance = found.random_entries.model_copy(update={"rank": rank})
    (said,) = [
        line
        for line in exploration_sentences(found.model_copy(update={"random_entries": chance}))
        if "random" in line
    ]
    assert f"it is {words} (from 95 on it would be better, up to 5 worse)." in said


def test_terms_are_the_folder_s_where_a_question_has_no_exits_of_its_own(tmp_path):
    assert terms_words(question(tmp_path), DEFAULT_TERMS) == DEFAULT_TERMS.words()


@pytest.mark.parametrize(
    ("exits", "words"),
    [
        ('{"stop_pct": 1}', "stop 1 %, no target, hold 45 min (of the terms)"),
        ('{"stop_pct": 1, "hold_minutes": 240}', "stop 1 %, no target, hold 240 min (its own too)"),
        # (0.5 + 0.11) / (1.5 + 0.5)
        (
            '{"stop_pct": 0.5, "target_pct": 1.5}',
            "target 1.5 %, stop 0.5 %, hold 45 min (of the terms); break-even 30.5 %",
        ),
    ],
)
def test_exits_of_its_own_are_named_with_the_costs_and_the_break_even_of_theirs(tmp_path, exits, words):
    told = terms_words(question(tmp_path, with_exits(exits)), DEFAULT_TERMS)
    assert told == f"{DEFAULT_TERMS.words().split('; ')[0]}; exits of its own: {words}"
