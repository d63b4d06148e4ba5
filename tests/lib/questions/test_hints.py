from __future__ import annotations

import numpy as np
import pytest

from lib.errors import QuestionError
from lib.market.terms import DEFAULT_TERMS
from lib.questions.hints import check_meant, hints
from tests.lib.questions.made import WICKS, history, question, walk


def with_exits(tmp_path, text: str):
    return question(tmp_path, WICKS.replace("\n\n\ndef", f"\n\nEXITS = {text}\n\n\ndef"))


@pytest.mark.parametrize(
    ("exits", "told"),
    [
        (
            '{"stop_pct": 0.6, "target_pct": 0.009}',
            "target_pct 0.009 is no more than the 0.11 % that costs take",
        ),
        ('{"stop_pct": 0.006}', "stop_pct 0.006 is less than the 0.11 %"),
        (
            '{"stop_pct": 0.6, "hold_minutes": 3}',
            "hold_minutes 3 ends before the next candle of 5 minutes does",
        ),
    ],
)
def test_exits_that_cannot_win_are_refused_with_their_line(tmp_path, exits, told):
    with pytest.raises(QuestionError, match=told) as refused:
        check_meant(with_exits(tmp_path, exits), history(), DEFAULT_TERMS)
    assert refused.value.line == 5


def test_others_are_let_through(tmp_path):
    check_meant(question(tmp_path), history(), DEFAULT_TERMS)
    check_meant(with_exits(tmp_path, '{"stop_pct": 0.12, "hold_minutes": 5}'), history(), DEFAULT_TERMS)


def test_what_may_be_meant_otherwise_is_said(tmp_path):
    rows, nothing = walk(400), np.zeros(400)
    assert hints(question(tmp_path), history(rows), nothing, 0) == ()
    assert hints(question(tmp_path), history(rows), nothing, 7) == (
        "In 7 rows both of its conditions held: that counts as nothing.",
    )
    rows["volume"] = np.nan
    by_volume = question(tmp_path, WICKS.replace('candles["close"]', 'candles["volume"]'))
    assert "no volume" in hints(by_volume, history(rows), nothing, 0)[0]
    known = question(tmp_path, WICKS.replace("change < -0.2", 'ribbon_5min["state"] == "all_green"'))
    assert hints(known, history(rows), nothing + 1, 0) == ()
    assert hints(known, history(rows), nothing, 0)[0].startswith("A ribbon's state is one of all_green, ")


def test_gaps_are_counted(tmp_path):
    rows = walk(400)
    rows = rows.drop(rows.index[[50, 51, 52, 200]])
    (told,) = hints(question(tmp_path), history(rows), np.ones(396), 0)
    assert told.startswith("The candles have 2 gaps, 4 candles missing; the longest is from ")


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ('ribbon_5min["state"] == "green"', "'green'"),
        ('~(ribbon_15min["state"] != "all-red")', "'all-red'"),
        ('ribbon_5min["state"] == "up"', "'up'"),
        ('ribbon_5min["state"].isin(["all_green", "GREEN"])', "'GREEN'"),
        ('ribbon_5min["state"].eq("unknowns") | ribbon_5min["state"].eq("Unknown")', "'unknowns'"),
    ],
)
def test_a_word_that_is_no_state_is_refused_with_its_line(tmp_path, said, wrong):
    asked = question(tmp_path, WICKS.replace("change < -0.2", said))
    with pytest.raises(QuestionError, match="is no state of a ribbon: `return say") as refused:
        check_meant(asked, history(), DEFAULT_TERMS)
    assert wrong in str(refused.value) and "one of all_green, " in str(refused.value)
    assert refused.value.line == asked.text.split("say(long")[0].count("\n") + 1


def test_words_that_are_states_or_compared_with_none_are_let_through(tmp_path):
    for said in (
        'ribbon_5min["state"].isin(["all_green", "mixed_green"])',
        'ribbon_5min["state"] == "unknown"',
        '("fast" == "slow") | (change < -0.2)',
    ):
        check_meant(question(tmp_path, WICKS.replace("change < -0.2", said)), history(), DEFAULT_TERMS)


def test_labels_of_a_question_s_own_are_no_states(tmp_path):
    own = 'np.where(change < 0, "red", "green") == "red"'
    check_meant(question(tmp_path, WICKS.replace("change < -0.2", own)), history(), DEFAULT_TERMS)
    mixed = f'({own}) & (ribbon_5min["state"] == "green")'
    with pytest.raises(QuestionError, match="'green' is no state of a ribbon"):
        check_meant(question(tmp_path, WICKS.replace("change < -0.2", mixed)), history(), DEFAULT_TERMS)
