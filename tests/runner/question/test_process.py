from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from lib.errors import QuestionError
from lib.questions.answering import ask, compiled
from runner.cycle.settings import CycleSettings
from runner.question.process import ask_in_process, ask_in_processes
from tests.lib.questions.made import PEEK, WICKS, history, question, walk

BODY = WICKS[WICKS.index("    change") :]


def forced(tmp_path: Path, body: str, imports: str = ""):
    """A question as read from an allowed file, with a body that no file may have: limits must hold without the reading, too."""
    allowed = question(tmp_path, WICKS)
    object.__setattr__(allowed, "text", imports + "\n" + WICKS.replace(BODY, body))
    return allowed


def test_it_says_what_it_says_here_and_was_checked(tmp_path):
    asked, shown = question(tmp_path), history()
    said = ask_in_processes(asked, shown.candles_5min, CycleSettings())
    assert said.checked == 200
    assert (said.directions == ask(asked, compiled(asked), shown.frames)).all()


def test_every_row_is_checked_where_that_is_asked_for(tmp_path):
    lines: list[str] = []
    assert (
        ask_in_processes(question(tmp_path), walk(300), CycleSettings(), prove=True, say=lines.append).checked
        == 300
    )


def test_a_peek_is_refused_with_its_row(tmp_path):
    with pytest.raises(QuestionError, match=r"falls\.py: it looks ahead: of the row known at 2026-"):
        ask_in_processes(question(tmp_path, PEEK), walk(600), CycleSettings())


def test_of_new_rows_only_those_are_cut_behind(tmp_path):
    rows = walk(600)
    assert ask_in_processes(question(tmp_path), rows, CycleSettings(), first=588).checked == 12
    # Behind the last row nothing is cut, so nobody can tell there that it looks at the one after.
    assert ask_in_processes(question(tmp_path, PEEK), rows, CycleSettings(), first=599).checked == 1
    with pytest.raises(QuestionError, match="it looks ahead"):
        ask_in_processes(question(tmp_path, PEEK), rows, CycleSettings(), first=500)


def test_once_and_unchecked_it_says_the_same_within_the_same_limits(tmp_path):
    asked, shown = question(tmp_path), history()
    said = ask_in_process(asked, shown.candles_5min, CycleSettings())
    assert (said == ask(asked, compiled(asked), shown.frames)).all()
    with pytest.raises(QuestionError, match="stopped at its limit of 5 s"):
        ask_in_process(forced(tmp_path, "    while True: pass"), walk(300), CycleSettings(limit_s=5))


def test_a_failure_is_told_with_its_line(tmp_path):
    with pytest.raises(QuestionError, match=r"falls\.py, line 7: it failed with KeyError: 'nothing'"):
        ask_in_processes(
            question(tmp_path, WICKS.replace('"close"', '"nothing"')), walk(600), CycleSettings()
        )


@pytest.mark.parametrize("ends", ["KeyboardInterrupt", "SystemExit(0)", "GeneratorExit"])
def test_what_is_no_error_elsewhere_is_told_with_its_line_too(tmp_path, ends):
    """Ctrl-C is heard by whoever asks, so one that is raised here is the question's own."""
    asked = question(tmp_path, WICKS.replace("    change =", f"    raise {ends}\n    change ="))
    with pytest.raises(
        QuestionError, match=rf"falls\.py, line 7: it failed with {ends.split('(')[0]}: .*`raise "
    ):
        ask_in_processes(asked, walk(600), CycleSettings())


def test_what_it_printed_and_where_both_held_comes_along(tmp_path):
    text = WICKS.replace("    change =", '    print("seen:", len(candles))\n    change =').replace(
        "> 0.2", "< -0.2"
    )
    lines = []
    said = ask_in_processes(question(tmp_path, text), walk(300), CycleSettings(), say=lines.append)
    assert said.both > 5 and not said.directions.any()
    assert [line for line in lines if "seen: 300" in line] == [
        "note: it printed or warned, which is shown nowhere; the first line: seen: 300"
    ]


def test_a_sign_of_life_says_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr("runner.question.process._TOLD_EVERY_S", 0.5)
    lines = []
    with pytest.raises(QuestionError, match="stopped at its limit of 5 s"):
        ask_in_processes(
            forced(tmp_path, "    while True:\n        pass\n"),
            walk(100),
            CycleSettings(limit_s=5),
            say=lines.append,
        )
    assert lines[0].startswith("… asked of all rows for ") and lines[0].endswith(" s, limit 5 s")


def test_what_does_not_repeat_itself_is_refused(tmp_path):
    text = WICKS.replace("from lib", "import numpy as np\n\nfrom lib").replace(
        "> 0.2", "> np.random.random()"
    )
    with pytest.raises(QuestionError, match=r"it does not repeat itself|it looks ahead"):
        ask_in_processes(question(tmp_path, text), walk(600), CycleSettings())
    hashed = WICKS.replace("> 0.2", '> len(min({"aaa", "b", "cc", "dddd"}, key=hash)) / 10')
    with pytest.raises(QuestionError, match="it does not repeat itself"):
        ask_in_processes(question(tmp_path, hashed), walk(600), CycleSettings())


def test_it_is_told_no_secret_and_no_place_of_data(tmp_path, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "canary-key")
    monkeypatch.setenv("RIBBON_TRADING_DATA", "canary-folder")
    body = '    raise ValueError(sorted(name for name, value in os.environ.items() if "canary" in value) or "nothing")\n'
    with pytest.raises(QuestionError, match="ValueError: nothing"):
        ask_in_processes(forced(tmp_path, body, "import os"), walk(100), CycleSettings())


def test_time_memory_and_output_are_limited_and_nothing_is_left(tmp_path):
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    began = time.monotonic()
    with pytest.raises(QuestionError, match=r"stopped at its limit of 6 s\. Work on whole columns"):
        ask_in_processes(
            forced(tmp_path, "    while True:\n        pass\n"), walk(100), CycleSettings(limit_s=6)
        )
    assert time.monotonic() - began < 12
    hungry = "    kept = bytearray(900_000_000)\n    while True:\n        kept[0] = 1\n"
    with pytest.raises(QuestionError, match="its memory limit of 500 MB"):
        ask_in_processes(forced(tmp_path, hungry), walk(100), CycleSettings(limit_s=60, memory_mb=500))
    loud = '    while True:\n        print("x" * 10_000)\n'
    with pytest.raises(QuestionError, match=r"its output limit of 1 MB\. Print less"):
        ask_in_processes(forced(tmp_path, loud), walk(100), CycleSettings(limit_s=60, output_mb=1))
    assert {process.pid for process in psutil.Process().children(recursive=True)} <= before


def test_a_process_that_dies_is_told_as_that(tmp_path):
    with pytest.raises(
        QuestionError, match="its process ended with code 3 before it had an answer: the last word"
    ):
        ask_in_processes(
            forced(tmp_path, '    print("the last word", flush=True)\n    os._exit(3)\n', "import os"),
            walk(100),
            CycleSettings(),
        )


def test_a_child_goes_when_whoever_asks_is_gone(tmp_path):
    import subprocess
    import sys

    from runner.processes.environment import environment_of

    code = (
        "from tests.lib.questions.made import walk\nfrom tests.runner.question.test_process import forced\nfrom pathlib import Path\n"
        "from runner.question.process import ask_in_processes\nfrom runner.cycle.settings import CycleSettings\n"
        f"ask_in_processes(forced(Path({str(tmp_path)!r}), '    while True:\\n        pass\\n'), walk(100), CycleSettings())\n"
    )
    asker = subprocess.Popen(
        [sys.executable, "-c", code], env=environment_of("kernel") | {"PYTHONPATH": str(Path.cwd())}
    )
    children: list[psutil.Process] = []
    until = time.monotonic() + 30
    while len(children) < 2 and time.monotonic() < until:
        children = psutil.Process(asker.pid).children(recursive=True)
        time.sleep(0.1)
    asker.kill()
    asker.wait()
    assert len(children) == 2
    gone, alive = psutil.wait_procs(children, timeout=20)
    assert len(gone) == 2 and not alive


@pytest.mark.parametrize("asking", [ask_in_process, ask_in_processes])
def test_what_a_question_leaves_running_is_ended_with_it(tmp_path, asking):
    """It has left its parent and its session, and the question has its answer: nothing of it may stay."""
    left = tmp_path / "left"
    body = f"""    if not (child := os.fork()):
        os.setsid()
        os.execvp("sleep", ["sleep", "300"])
    with open({str(left)!r}, "a") as file:
        file.write(f"{{child}} ")
"""
    text = WICKS.replace(BODY, body + BODY)
    allowed = question(tmp_path, WICKS)
    object.__setattr__(allowed, "text", "import os\n" + text)
    asking(allowed, walk(300), CycleSettings())
    started = {int(number) for number in left.read_text().split()}
    assert started
    assert not [pid for pid in started if _lives(pid)]


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
