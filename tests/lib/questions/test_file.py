from __future__ import annotations

import pytest

from lib.errors import MissingDataError, QuestionError
from lib.market.exits import STANDARD, ExitRule
from lib.questions.file import NO_TARGET_PCT, OwnExits, read_question
from tests.lib.questions.made import WICKS, question, write


def with_exits(text: str) -> str:
    return WICKS.replace("\n\n\ndef", f"\n\nEXITS = {text}\n\n\ndef")


def test_a_question_is_read_without_running_it(tmp_path):
    found = question(tmp_path, WICKS + "\n1 / 0\n")
    assert (found.name, found.claim) == ("falls", "After a fall of 0.2 % price rises. Source: the tests.")
    assert found.own_exits is None and found.exits(STANDARD) == STANDARD


def test_the_open_of_a_candle_is_no_file(tmp_path):
    question(tmp_path, WICKS.replace('candles["close"].pct', "candles.open.pct"))
    question(
        tmp_path,
        WICKS.replace('    change = candles["close"]', '    open = candles["open"]\n    change = open'),
    )


def test_a_changed_file_is_another_question(tmp_path):
    one, other = question(tmp_path), question(tmp_path, WICKS + "\n")
    assert one.name == other.name and one.sha256 != other.sha256


def test_own_exits_need_a_stop_and_take_what_they_do_not_say(tmp_path):
    found = question(tmp_path, with_exits('{"stop_pct": 1}'))
    assert found.own_exits == OwnExits(1.0)
    assert found.exits(ExitRule(0.3, 0.15, 60.0)) == ExitRule(NO_TARGET_PCT, 1.0, 60.0)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("def directions(a, b, c):\n    pass\n", 1, "no docstring"),
        (
            WICKS.replace("from lib", "import os\nfrom lib"),
            3,
            "may not import os: `import os`. Allowed are numpy",
        ),
        (
            WICKS.replace("from lib.questions.saying", "from lib.data.loaders"),
            3,
            "may not import lib.data.loaders",
        ),
        (
            WICKS.replace("from lib.questions.saying", "from lib.questions.history"),
            3,
            "lib.questions.history",
        ),
        (
            WICKS.replace("from lib.questions.saying import say", "from lib import data"),
            3,
            "may not import lib.data",
        ),
        (WICKS.replace("from lib.questions.saying", "from ."), 3, "may not import a neighbour"),
        (WICKS.replace("    change =", "    import subprocess\n    change ="), 7, "subprocess"),
        (WICKS.replace("candles[", 'open("x")['), 7, "may not use open"),
        (WICKS.replace('candles["close"]', 'pd.read_csv("x")'), 7, "may not use read_csv"),
        (WICKS.replace('candles["close"]', 'np.load("x")'), 7, "may not use load"),
        (WICKS.replace('candles["close"]', "().__class__"), 7, "may not use __class__"),
        (WICKS.replace("return say(", "return say("[:-1]), 8, "it is no Python"),
        (WICKS.replace("def directions", "def answers"), None, "no function directions"),
        (WICKS.replace(", ribbon_15min", ""), 6, "does not take three arguments"),
        (with_exits('{"target_pct": 1}'), 5, "a stop is compulsory"),
        (with_exits('{"stop_pct": 0}'), 5, "stop_pct 0 is no number above 0"),
        (with_exits('{"stop_pct": "1"}'), 5, "stop_pct '1' is no number"),
        (
            with_exits('{"stop_pct": 0x' + "f" * 5_000 + "}"),
            5,
            "stop_pct is no number above 0 and at most 50: `EX",
        ),
        (WICKS + "X = " + "-" * 100_000 + "1\n", 1, "it is no Python (too deep)"),
        (with_exits('{"stop_pct": 1, "hold": 3}'), 5, "EXITS says hold; its keys are stop_pct"),
        (with_exits("[1, 2]"), 5, "EXITS is no {…} of stop_pct"),
        (with_exits('{"stop_pct": 1}').replace("EXITS", "exits"), 5, "exits is not EXITS: `exits = {"),
        (with_exits('{"stop_pct": 1}').replace("EXITS", "if True:\n    Exits"), 6, "Exits is not EXITS"),
        (WICKS + "\n\n" + WICKS[WICKS.index("def") :], 11, "directions is given in lines 6 and 11: `def dir"),
        (WICKS + "\n\ndirections = say\n", 11, "directions is given in lines 6 and 11"),
        (WICKS.replace("def directions", "def Directions"), 6, "Directions is not directions"),
        (with_exits("dict(stop_pct=1)"), 5, "not written out as plain numbers"),
        (with_exits('{"stop_pct": 1, "hold_minutes": 2000}'), 5, "at most 1440"),
        (with_exits('{"stop_pct": 1}\nEXITS = {"stop_pct": 5}'), 6, "given or changed elsewhere"),
        (with_exits('{"stop_pct": 1}\nEXITS["stop_pct"] = 5'), 6, "given or changed elsewhere"),
        (with_exits('{"stop_pct": 1}\nEXITS.update(stop_pct=5)'), 6, "given or changed elsewhere"),
        (with_exits('{"stop_pct": 1}\nother = EXITS'), 6, "given or changed elsewhere"),
        (
            with_exits('{"stop_pct": 1}').replace("EXITS", "other = EXITS"),
            5,
            "given or changed elsewhere than in one line of its own: `other = EXITS",
        ),
        (
            with_exits('{"stop_pct": 1}').replace("EXITS", "if True:\n    EXITS"),
            6,
            "given or changed elsewhere",
        ),
        (WICKS + "\nX = " + "-" * 100_000 + "1\n", 1, "it is no Python"),
        (WICKS.replace("from lib", "\x0c\nimport os\nfrom lib"), 4, "may not import os: `import os`"),
        (
            WICKS.replace("from lib", "S = 'a\u2028b'\nimport os\nfrom lib"),
            4,
            "may not import os: `import os`",
        ),
    ],
)
def test_what_breaks_a_rule_is_refused_with_line_text_and_remedy(tmp_path, text, line, told):
    with pytest.raises(QuestionError) as refused:
        question(tmp_path, text)
    message = str(refused.value)
    assert told in message and refused.value.line == line and "falls.py" in message
    assert message.count(". ") >= 1  # the remedy follows the problem


@pytest.mark.parametrize("name", ["Falls.py", "1st.py", "ab.py", "falls.txt", f"{'a' * 32}.py"])
def test_a_name_that_is_none_is_refused(tmp_path, name):
    with pytest.raises(QuestionError, match="is no name of a question"):
        read_question(write(tmp_path, WICKS, name))


def test_exits_may_be_read_where_a_question_needs_them(tmp_path):
    found = question(tmp_path, with_exits('{"stop_pct": 1}').replace("-0.2", '-EXITS["stop_pct"]'))
    assert found.own_exits == OwnExits(1.0)


@pytest.mark.parametrize("text", ["\ufeff" + WICKS, WICKS.replace("\n", "\r\n"), WICKS.replace("\n", "\r")])
def test_a_file_of_another_editor_is_read_as_one_of_this_machine(tmp_path, text):
    place = tmp_path / "falls.py"
    place.write_bytes(text.encode())
    assert read_question(place).claim == "After a fall of 0.2 % price rises. Source: the tests."


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path):
    with pytest.raises(MissingDataError, match="notebooks/questions/"):
        read_question(tmp_path / "none.py")
    (tmp_path / "bytes.py").write_bytes(b'"""x"""\n\xff\n')
    with pytest.raises(QuestionError, match="line 2: it is no UTF-8"):
        read_question(tmp_path / "bytes.py")
