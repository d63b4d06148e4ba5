"""Confirming: once a question and market, a level spent before anything is looked at, nothing ever given back (docs/guarantees.md, Q1)."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

from lib.contract.times import parse_instant
from lib.errors import DataError, ParameterError, QuestionError
from lib.market.terms import DEFAULT_TERMS, Terms
from lib.questions.confirmation import CONFIRMED
from lib.questions.history import History
from lib.questions.record import Confirmed, Opened, line_text, read_record, record_path
from runner.ask.confirm import confirm_in_folder
from runner.ask.words import listing
from runner.question import record_file
from tests.lib.questions.made import PEEK, WICKS, history, question, write
from tests.runner.ask.made import LIMITS, absurd, asked_here, confirmed, explored, longer

OTHER = WICKS.replace("0.2 %", "0.3 %").replace("-0.2", "-0.3").replace("> 0.2", "> 0.3")


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch):
    monkeypatch.setattr("runner.ask.explore.ask_in_processes", asked_here)
    monkeypatch.setattr("runner.ask.confirm.ask_in_processes", asked_here)


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "data"
    explored(question(tmp_path), place, history())
    return place


def kinds(folder) -> list[str]:
    return [line.kind for line in read_record(folder).lines if line.kind in ("opened", "confirmed")]


def test_the_sealed_part_answers_once_and_the_answer_stands(tmp_path, folder):
    first = confirmed(question(tmp_path), folder, history())
    assert (first.opened.k, first.again, first.confirmed.found.level) == (1, False, CONFIRMED.level(1))
    found = first.confirmed.found
    assert found.trades > 50 and found.since == read_record(folder).boundary("XYZUSDT").boundary
    assert found.days == pytest.approx(900 * 5 / 1440, abs=0.01)
    before = record_path(folder).read_bytes()
    again = confirm_in_folder(
        question(tmp_path), longer(history(), 500), folder, Terms(target_pct=0.5), LIMITS
    )
    assert again.again and again.confirmed == first.confirmed
    assert record_path(folder).read_bytes() == before


def test_a_question_that_makes_no_trade_in_a_long_open_part_is_refused_and_nothing_is_spent(tmp_path, folder):
    silent = question(tmp_path, WICKS.replace("< -0.2", "< -99").replace("> 0.2", "> 99"), "silent.py")
    with pytest.raises(QuestionError, match="made no trade in the open part, so there is nothing to confirm"):
        confirmed(silent, folder, history())
    assert kinds(folder) == []


def test_exits_that_cannot_win_spend_nothing(tmp_path, folder):
    fraction = WICKS.replace("\n\n\ndef", '\n\nEXITS = {"stop_pct": 0.6, "target_pct": 0.009}\n\n\ndef')
    with pytest.raises(QuestionError, match="in percent of the entry price, not fractions"):
        confirmed(question(tmp_path, fraction), folder, history())
    assert kinds(folder) == []


def test_another_file_of_the_same_name_is_told_before_it_spends_a_level_and_listed_with_its_hash(
    tmp_path, folder
):
    one, said = question(tmp_path), []
    confirm_in_folder(one, history(), folder, DEFAULT_TERMS, LIMITS, say=said.append)
    assert said == [] and one.sha256[:8] not in "\n".join(listing(read_record(folder), folder)[0])
    other = question(tmp_path, OTHER)
    confirm_in_folder(other, history(), folder, DEFAULT_TERMS, LIMITS, say=said.append)
    assert said == [
        "note: another falls was confirmed as number 1. This file is another question: it spends number 2"
    ]
    told = "\n".join(listing(read_record(folder), folder)[0])
    assert (
        f"1. falls on XYZUSDT ({one.sha256[:8]}): " in told
        and f"2. falls on XYZUSDT ({other.sha256[:8]}): " in told
    )


def test_only_the_sealed_part_counts(tmp_path, folder):
    shown = history()
    boundary = parse_instant(read_record(folder).boundary("XYZUSDT").boundary)
    found = confirmed(question(tmp_path), folder, shown).confirmed.found
    # Of 4,286 rows 70 % are the 3,000 of `shown`: all of it explored at once.
    whole = explored(question(tmp_path), tmp_path / "whole", longer(shown, 1_286))[0]
    opened = explored(question(tmp_path), folder, shown)[0]
    assert parse_instant(whole.until) == shown.newest
    assert abs(found.trades + opened.trades.total - whole.trades.total) <= 2
    # The rows beyond the boundary decide it.
    place = tmp_path / "other"
    explored(question(tmp_path), place, shown)
    assert (
        confirmed(
            question(tmp_path), place, absurd(shown, boundary + (shown.newest - boundary) / 2)
        ).confirmed.found
        != found
    )


def test_a_changed_file_is_another_question_at_the_next_level(tmp_path, folder):
    confirmed(question(tmp_path), folder, history())
    other = confirmed(question(tmp_path, WICKS + "\n"), folder, history())
    assert other.opened.k == 2 and not other.again
    assert (
        other.confirmed.looked == [other.confirmed.looked[0]]
        and "1 other question confirmed on it: falls" in other.confirmed.looked[0]
    )
    lines, found = listing(read_record(folder), folder)
    assert (
        found["level_left"] == pytest.approx(0.01 - 2 * CONFIRMED.level(1)) and len(found["confirmed"]) == 2
    )
    assert sum("falls on XYZUSDT" in line for line in lines) == 2


def test_what_can_be_refused_is_refused_before_a_level_is_spent(tmp_path, folder):
    with pytest.raises(QuestionError, match="it looks ahead"):
        confirmed(question(tmp_path, PEEK), folder, history())
    with pytest.raises(QuestionError, match="KeyError"):
        confirmed(question(tmp_path, WICKS.replace('"close"', '"nothing"')), folder, history())
    with pytest.raises(ParameterError, match="ABCUSDT was not asked in this folder yet"):
        confirmed(question(tmp_path), folder, history(market="ABCUSDT"))
    boundary = parse_instant(read_record(folder).boundary("XYZUSDT").boundary)
    with pytest.raises(ParameterError, match="nothing is sealed here"):
        confirmed(question(tmp_path), folder, history().until(boundary))
    assert kinds(folder) == []


def test_explorations_under_another_name_that_saw_it_are_named(tmp_path, folder):
    explored(question(tmp_path), folder, history(longer(history(), 1_286).candles_5min, market="XYZUSD"))
    (told,) = confirmed(question(tmp_path), folder, history()).confirmed.looked
    assert told == "explored under the name XYZUSD 1×"


class Killed(BaseException):
    """Stands for a kill: nobody catches it."""


STEPS = (
    "before the level",
    "in the middle of its line",
    "behind it",
    "while the question runs",
    "before the answer",
    "in its line",
)


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_a_level_is_spent_at_most_once_and_never_given_back(
    tmp_path, folder, monkeypatch, step
):
    whole = tmp_path / "whole"
    explored(question(tmp_path), whole, history())
    expected = confirmed(question(tmp_path), whole, history())
    append = record_file.RecordFile.append

    def cut(self, line) -> None:
        kind = {Opened: 0, Confirmed: 3}.get(type(line))
        place = None if kind is None else STEPS.index(step)
        if (kind, place) in ((0, 0), (3, 4)):
            raise Killed
        if (kind, place) in ((0, 1), (3, 5)):
            with record_path(folder).open("ab") as file:
                file.write(line_text(line).encode()[:-9])
            raise Killed
        append(self, line)
        if kind == 0 and place == 2:
            raise Killed

    runs = []

    def killed_in_the_second_run(*given, **named):
        runs.append(1)
        if step == "while the question runs" and len(runs) == 2:
            raise Killed
        return asked(*given, **named)

    from runner.ask import confirm

    asked = confirm.ask_in_processes
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(record_file.RecordFile, "append", cut)
        patched.setattr(confirm, "ask_in_processes", killed_in_the_second_run)
        confirmed(question(tmp_path), folder, history())
    spent = kinds(folder)
    assert spent == ([] if step in STEPS[:2] else ["opened"])
    if spent:  # another question meanwhile gets the next number, and never the one that was spent
        assert confirmed(question(tmp_path, OTHER), folder, history()).opened.k == 2
    done = confirmed(question(tmp_path), folder, longer(history(), 300))
    assert done.opened.k == 1 and not done.again
    if spent:  # under what was written: the rows that came since do not count
        assert done.confirmed.found == expected.confirmed.found
    assert [line.k for line in read_record(folder).opened if line.sha256 == done.opened.sha256] == [1]


def test_kill_9_in_the_middle_leaves_one_level_and_one_answer(tmp_path, folder):
    """The real thing: the process is killed as soon as its level stands on the disk."""
    write(tmp_path, WICKS)
    code = (
        "from pathlib import Path\nfrom tests.lib.questions.made import history, question\nfrom tests.runner.ask.made import confirmed\n"
        f"confirmed(question(Path({str(tmp_path)!r})), Path({str(folder)!r}), history())\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    until = time.monotonic() + 60
    while "opened" not in kinds(folder) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert kinds(folder)[0] == "opened"
    done = confirmed(question(tmp_path), folder, history())
    assert done.opened.k == 1 and kinds(folder) == ["opened", "confirmed"]


def test_an_answer_that_is_due_needs_the_rows_it_was_opened_on(tmp_path, folder, monkeypatch):
    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr("runner.ask.confirm.sealed_answer", killed)
        confirmed(question(tmp_path), folder, history())
    with pytest.raises(DataError, match="its level is spent, and its answer is still due"):
        confirmed(question(tmp_path), folder, history(history().candles_5min.iloc[:2_800]))
    assert "its answer is due" in " ".join(listing(read_record(folder), folder)[0])


def test_cycles_and_decisions_that_looked_at_it_are_named(tmp_path, sample_data):
    import shutil

    from lib.history.log import load_history
    from lib.questions.history import folder_history

    folder = tmp_path / "data"
    shutil.copytree(sample_data, folder)
    shown = folder_history(folder)
    explored(question(tmp_path), folder, shown)
    answered = confirmed(question(tmp_path), folder, shown)
    assert load_history(folder).records == []
    (decided,) = answered.confirmed.looked
    assert "decisions by the rule decider" in decided
    assert answered.opened.terms == DEFAULT_TERMS
    record = {
        "cycle_number": 1, "timestamp": answered.opened.until, "win_rate": None, "total_pnl": None, "scalper_score": None,
        "key_improvements": [], "window": None, "since_last": None, "backtest": None, "optimum": None, "regime": None, "sections": {},
        "decisions": "simulated", "synthetic": True, "lookback_hours": 24.0, "candidate_lessons": 0, "prompt_sha256": "",
    }  # fmt: skip
    (folder / "training_history.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    other = confirmed(question(tmp_path, OTHER), folder, shown)
    assert other.confirmed.looked[0].startswith("1 cycle of `ribbon cycle` (as of 20")


def test_a_market_of_minutes_is_judged_on_them(tmp_path, sample_data):
    from lib.questions.history import folder_history

    shown = folder_history(sample_data)
    coarse = History(shown.market, shown.source, shown.candles_1min.iloc[:0], shown.candles_5min)
    found = [
        explored(question(tmp_path), tmp_path / name, each)[0] for name, each in (("a", shown), ("b", coarse))
    ]
    assert found[0].ambiguous < found[1].ambiguous
