from __future__ import annotations

import numpy as np
import pytest

from lib.errors import QuestionError
from lib.questions.answering import ask, compiled
from lib.questions.saying import began, say
from tests.lib.questions.made import WICKS, history, question

BODY = WICKS[WICKS.index("    change") :]


def said(tmp_path, body: str) -> np.ndarray:
    found = question(tmp_path, WICKS.replace(BODY, body))
    return ask(found, compiled(found), history().frames)


def test_what_is_said_is_one_code_a_row(tmp_path):
    frames = history().frames
    found = said(tmp_path, BODY)
    change = frames.candles["close"].pct_change().to_numpy() * 100
    assert found.tolist() == [1 if value < -0.2 else -1 if value > 0.2 else 0 for value in change]


@pytest.mark.parametrize("body", ["    return [None] * len(candles)\n", '    return [""] * len(candles)\n'])
def test_nothing_is_nothing(tmp_path, body):
    assert not said(tmp_path, body).any()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('    return ["LONG"]\n', r"gave \(1,\) for 3,000 rows"),
        ('    return "LONG"\n', "gave a single value for"),
        ('    return ["BUY"] * len(candles)\n', "says 'BUY' of the row of 2026-01-05T00:05Z"),
        ("    return [1] * len(candles)\n", "says '1' of the row"),
        ("    return candles['close'].astype(str).reset_index(drop=True)\n", "other times than the candles'"),
        ("    return candles.close > 0\n    \n", "says 'True' of the row"),
        ("    return candles['nothing']\n", "line 7: it failed with KeyError: 'nothing': `return candles"),
        ("    return 1 / 0\n", "line 7: it failed with ZeroDivisionError"),
    ],
)
def test_what_is_no_answer_is_refused(tmp_path, body, told):
    with pytest.raises(QuestionError, match=told):
        said(tmp_path, body)


def test_a_file_that_fails_when_it_is_run_is_refused_with_its_line(tmp_path):
    found = question(tmp_path, WICKS + "\n1 / 0\n")
    with pytest.raises(QuestionError, match="line 10: it failed with ZeroDivisionError"):
        compiled(found)
    odd = question(tmp_path, WICKS + "S = 'a\x85b\u2028c'\n1 / 0\n")
    with pytest.raises(QuestionError, match=r"line 10: it failed .*: `1 / 0`"):
        compiled(odd)


def test_what_a_question_writes_into_its_frames_is_its_own(tmp_path):
    found, frames = (
        question(tmp_path, WICKS.replace(BODY, '    candles["close"] = 0.0\n' + BODY)),
        history().frames,
    )
    before = frames.candles.copy()
    ask(found, compiled(found), frames)
    assert frames.candles.equals(before)


def test_say_and_began():
    assert say([True, True, False, None], [False, True, True, False]).tolist() == ["LONG", "", "SHORT", ""]
    assert say(np.array([True, False])).tolist() == ["LONG", ""]
    assert began([True, True, False, True]).tolist() == [False, False, False, True]
