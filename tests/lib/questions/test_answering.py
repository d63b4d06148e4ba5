from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.errors import QuestionError
from lib.questions.answering import answer_of, ask, compiled
from lib.questions.saying import BOTH, began, say
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
        ('    return ["LONG"]\n', "gave 1 entry for 3,000 rows"),
        ('    return "LONG"\n', r"gave a single value \('LONG'\) for"),
        ("    pass\n", r"gave nothing \(None; is a return missing\?\) for 3,000 rows"),
        ("    return candles\n", "gave a table of 5 columns for"),
        ('    return ["BUY"] * len(candles)\n', "says 'BUY' of the row of 2026-01-05T00:05Z"),
        ("    return [1] * len(candles)\n", "says '1' of the row"),
        (
            "    return candles['close'].astype(str).reset_index(drop=True)\n",
            "rows that are numbered, not known by",
        ),
        ("    return say(long=(candles.close > 100)[::-1])\n", "rows in another order than the candles'"),
        (
            "    return say(long=(candles.close > 100).shift(1, freq='5min'))\n",
            "with other times than the candles'",
        ),
        (
            "    return say(long=(candles.close > 100).reset_index(drop=True), short=False)\n",
            "rows that are numbered",
        ),
        (
            "    return say(long=candles.close > 1, short=(candles.close > 1)[1:])\n",
            "stand on different rows",
        ),
        (
            "    return say(long=candles.close)\n",
            "line 7: it failed with TypeError: long is numbers, not True or",
        ),
        (
            "    return say(long=False, short='close > 1')\n",
            "short is text, not True or False .* in a comparison",
        ),
        (
            "    return candles['Close']\n",
            "KeyError: 'Close': .*Columns of candles are open, high, .* state and MMA5 to MMA",
        ),
        ("    return say(long=candles.close > 1 and candles.open > 1)\n", "Write & and |"),
        ("    raise SystemExit\n", "failed with SystemExit: .* Leave exit"),
        ("    raise GeneratorExit\n", "line 7: it failed with GeneratorExit: no message: `raise"),
        (
            "    class Mute(Exception):\n        __str__ = None\n    raise Mute\n",
            "line 9: it failed with Mute: no message: `raise Mute`",
        ),
        ("    return [{}] * len(candles)\n", "says '{}' of the row of 2026-01-05T00:05Z"),
        (
            "    return ['LONG', [1]] + [''] * (len(candles) - 2)\n",
            r"says '\[1\]' of the row of 2026-01-05T00:10Z",
        ),
        ("    return [10**5000] * len(candles)\n", r"something that cannot be shown \(int\) of the row"),
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
    assert say([True, True, False, None], [False, True, True, False]).tolist() == ["LONG", BOTH, "SHORT", ""]
    assert say(np.array([True, False])).tolist() == ["LONG", ""]
    assert say(False, [True, False]).tolist() == ["SHORT", ""]
    assert began([True, True, False, True]).tolist() == [False, False, False, True]
    rows = pd.date_range("2026-01-05", periods=2, freq="5min", tz="UTC")
    known = pd.Series([True, pd.NA], rows, dtype="boolean")
    assert say(known).equals(pd.Series(["LONG", ""], rows, dtype=object))
    assert began(known.shift(1)).equals(pd.Series([False, True], rows))


def test_where_both_conditions_hold_nothing_is_said_and_it_is_counted(tmp_path):
    found = question(tmp_path, WICKS.replace("short=change > 0.2", "short=change < -0.1"))
    frames = history().frames
    answer = answer_of(found, compiled(found), frames)
    change = frames.candles["close"].pct_change().to_numpy() * 100
    assert answer.both == (change < -0.2).sum() > 100
    assert (answer.said == -1).sum() == ((change < -0.1) & ~(change < -0.2)).sum()


def test_an_interrupt_of_whoever_asks_is_theirs(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        said(tmp_path, "    raise KeyboardInterrupt\n")
