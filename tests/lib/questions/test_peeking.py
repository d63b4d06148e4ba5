from __future__ import annotations

import numpy as np
import pytest

from lib.errors import QuestionError
from lib.questions.answering import ask, compiled
from lib.questions.frames import question_frames
from lib.questions.peeking import check_peeking, check_repeats, rows_to_check
from tests.lib.questions.made import PEEK, WICKS, history, question, walk


def check(tmp_path, text: str, count: int | None = 200) -> int:
    found = question(tmp_path, text)
    frames = question_frames(walk(600))
    return check_peeking(found, frames, ask(found, compiled(found), frames), count)


def test_an_honest_question_passes(tmp_path):
    assert check(tmp_path, WICKS) == 200
    assert check(tmp_path, WICKS, None) == 600


@pytest.mark.parametrize(
    "change",
    [
        'candles["close"].pct_change().shift(-1) * 100',
        'candles["close"].pct_change(-3) * 100',
        '(candles["close"] - candles["close"].mean()) / 10',
        'candles["close"].rank(pct=True) - 0.5',
        'candles["close"].rolling(5, center=True).mean().pct_change() * 100',
        'candles["close"].pct_change()[::-1].cummax()[::-1] * 100 - 0.4',
    ],
)
def test_a_question_that_peeks_is_refused_with_the_row(tmp_path, change):
    text = WICKS.replace('candles["close"].pct_change() * 100', change)
    with pytest.raises(
        QuestionError,
        match=r"it looks ahead: of the row known at 2026-\S+Z it says .* once what came after 2026-\S+Z is cut",
    ):
        check(tmp_path, text)


def test_what_it_kept_of_the_whole_history_does_not_answer_for_it(tmp_path):
    kept = WICKS.replace("\n\n\ndef", "\n\nKEPT = []\n\n\ndef").replace(
        '    change = candles["close"].pct_change() * 100\n',
        '    KEPT.append(candles["close"].pct_change().shift(-1) * 100)\n    change = KEPT[0].iloc[: len(candles)]\n',
    )
    with pytest.raises(QuestionError, match="it looks ahead"):
        check(tmp_path, kept)


def test_a_peek_far_ahead_is_seen_though_it_seldom_speaks(tmp_path):
    text = PEEK.replace("shift(-1)", "shift(-40)").replace("-0.2", "-0.45").replace("> 0.2", "> 0.45")
    with pytest.raises(QuestionError, match="it looks ahead"):
        check(tmp_path, text)


def test_half_of_the_rows_are_ones_of_which_it_speaks():
    said = np.zeros(10_000, dtype=np.int8)
    said[::50] = 1
    rows = rows_to_check(said, 200)
    assert len(rows) == len(set(rows.tolist())) == 200 and (np.diff(rows) > 0).all()
    assert (said[rows] != 0).sum() >= 100
    said[:] = 0
    said[7] = -1
    assert 7 in rows_to_check(said, 200).tolist()


def test_one_who_measures_by_the_extreme_of_all_rows_is_seen_though_it_is_reached_early(tmp_path):
    lowest = WICKS.replace(
        "return say(long=change < -0.2, short=change > 0.2)",
        'return say(long=candles["close"] <= candles["close"].min() * 1.001)',
    )
    rows = walk(20_000)
    rows.iloc[300:, :4] += 40.0  # the lowest close is among the first 300 of 20,000
    found, frames = question(tmp_path, lowest), question_frames(rows)
    said = ask(found, compiled(found), frames)
    assert 0 < (said != 0).sum() < 20 and not said[300:].any()
    with pytest.raises(QuestionError, match="it looks ahead"):
        check_peeking(found, frames, said)


@pytest.mark.parametrize("loud", [0, 3, 150, 5_000])
def test_the_other_rows_are_spread_over_the_whole_frame_from_its_beginning_on(loud):
    said = np.zeros(10_000, dtype=np.int8)
    said[10_000 - loud :] = 1
    rows = rows_to_check(said, 200)
    assert len(rows) == len(set(rows.tolist())) == 200
    assert rows[0] == 0 and (rows < 100).sum() >= 15
    assert (np.diff(np.r_[rows, 10_000]) < 500).all()


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        ('candles["close"].pct_change().shift(-1) * 100', r"shift\(1\), not shift\(-1\)$"),
        ('candles["close"].rolling(5, center=True).mean().pct_change() * 100', "without center=True"),
        ('candles["close"].pct_change().where(candles["close"] > 100).bfill() * 100', "ffill, not bfill"),
        (
            'candles["close"].groupby(candles.index.floor("h")).transform("last").pct_change() * 100',
            "within a group cummax",
        ),
    ],
)
def test_the_remedy_is_that_of_what_the_file_has_in_it(tmp_path, change, remedy):
    with pytest.raises(QuestionError, match=remedy):
        check(tmp_path, WICKS.replace('candles["close"].pct_change() * 100', change))


def test_chance_is_not_called_looking_ahead(tmp_path):
    text = WICKS.replace("from lib", "import numpy as np\nfrom lib").replace(
        'candles["close"].pct_change() * 100', "np.random.default_rng().normal(size=len(candles))"
    )
    with pytest.raises(QuestionError, match=r"it does not repeat itself: .* a random generator needs a seed"):
        check(tmp_path, text)


def test_what_does_not_repeat_itself_is_refused(tmp_path):
    found, times = question(tmp_path), history().frames.candles.index[:3]
    one, other = np.array([0, 1, 0]), np.array([0, 1, -1])
    check_repeats(found, times, one, one)
    with pytest.raises(
        QuestionError, match="2026-01-05T00:15Z it says nothing one time and SHORT another, asked the same"
    ):
        check_repeats(found, times, one, other)
