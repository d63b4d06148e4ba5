"""An event log that is gone beside decisions that were executed is told by whoever looks, and no fresh account takes its place."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest
from typer.testing import CliRunner

from lib.errors import ParameterError
from runner.claude.settings import ClaudeSettings
from runner.cli import app
from runner.cycle.aside import account_warning_of
from runner.doctor.at_work import account
from runner.doctor.findings import Installation
from runner.errors import EventLogError
from runner.notify.settings import NotifySettings
from runner.status.status import StatusReader
from runner.trade.clock import SetClock
from runner.trade.events import EVENTS_FILE, read_events
from runner.trade.lost import Executed, executed_in, executed_of, read_account
from runner.trade.settings import TradeSettings
from tests.runner.trade.made import HandFeed, Script, at_us, enter, hand_loop, log_rows

DECISIONS = "claude_decisions.csv"


@pytest.fixture(scope="module")
def traded(tmp_path_factory):
    """A folder with one closed trade and one that is open, by a loop."""
    folder = tmp_path_factory.mktemp("traded")
    with hand_loop(folder, Script(enter(), *[enter("HOLD")] * 3, enter())) as (loop, feed):
        for second, price in ((40, 100.0), (50, 100.0), (60, 101.0), (70, 101.0), (80, 101.0), (90, 101.0)):
            feed.give(second, price)
            loop.step()
        assert loop.book.closed and loop.book.held
    return folder


@pytest.fixture(params=["deleted", "of no bytes", "its header alone"])
def lost(request, traded, tmp_path):
    """The same folder without its events."""
    folder = tmp_path / "folder"
    shutil.copytree(traded, folder)
    path = folder / EVENTS_FILE
    header, *_ = path.read_text().splitlines(keepends=True)
    if request.param == "deleted":
        path.unlink()
    else:
        path.write_text("" if request.param == "of no bytes" else header)
    return folder


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def test_whoever_looks_is_told_and_nothing_is_changed(lost):
    before = contents(lost)
    what = f"{lost / EVENTS_FILE} {'holds no event' if EVENTS_FILE in before else 'is not there'}, and {DECISIONS} has 2 trades"
    newest = [row for row in log_rows(lost, DECISIONS) if row["executed"] == "True"][-1]["decision_id"]
    with pytest.raises(EventLogError) as refused, hand_loop(lost, Script()):
        pass
    done = CliRunner().invoke(app, ["resume", "--trading-data", str(lost)])
    assert isinstance(done.exception, EventLogError) and done.exception.exit_code == 13
    for told in (str(refused.value), str(done.exception)):
        assert (
            told.startswith(what)
            and f"(the newest: {newest}; without an exit: {newest})" in told
            and "--new-account" in told
        )
    for name, content in before.items():  # a start leaves terms; of the account nothing
        assert (lost / name).read_bytes() == content
    assert (lost / EVENTS_FILE).exists() == (EVENTS_FILE in before)


def test_status_says_it_and_ends_as_trade_does(lost):
    plain = CliRunner().invoke(app, ["status", "--trading-data", str(lost)])
    assert plain.exit_code == 13 and "unknown: see below" in plain.output
    assert plain.output.count("has 2 trades of the account") == 1
    done = CliRunner().invoke(app, ["status", "--json", "--trading-data", str(lost)])
    found = json.loads(done.stdout)
    assert found["account"] is None and done.exit_code == 13
    (fault,) = found["faults"]
    assert fault.startswith("account: ") and "2 trades" in fault


def test_status_says_it_of_a_log_that_lost_its_last_rows_and_shows_nothing_as_held(traded, tmp_path):
    folder = tmp_path / "folder"
    shutil.copytree(traded, folder)
    path = folder / EVENTS_FILE
    rows = path.read_text().splitlines(keepends=True)
    reader = StatusReader(folder, TradeSettings())
    assert reader.read(at_us(100))["account"]["closed"] == 1
    path.write_text("".join(rows[: next(n for n, row in enumerate(rows) if ",exit," in row)]))
    found = reader.read(at_us(100))
    assert found["account"] is None and "rows are missing at its end" in found["faults"][0]
    path.write_text("".join(rows))
    assert reader.read(at_us(100))["account"]["position"]


def test_doctor_and_cycle_say_it(lost, traded):
    def patient(folder):
        return Installation(folder, folder, ClaudeSettings(), NotifySettings(), folder / "ribbon.toml", False)

    with pytest.raises(EventLogError, match="2 trades"):
        account(patient(lost))
    told = account_warning_of(lost)
    assert "`ribbon trade` will not start" in told and "2 trades" in told
    found = account(patient(traded))
    assert found.state == "warn" and "LONG is held, and no loop has looked at it" in found.detail
    assert account_warning_of(traded) == ""


def test_a_person_begins_a_new_account_and_only_where_there_is_none(lost, traded):
    rows = (lost / DECISIONS).read_bytes()
    with hand_loop(lost, Script(), new_account=True) as (loop, _):
        assert (loop.book.opened, loop.book.held, loop.book.equity) == (True, None, 1_000.0)
    assert [event.kind for event in read_events(lost)] == ["open"] and (lost / DECISIONS).read_bytes() == rows
    before = (lost / EVENTS_FILE).read_bytes()
    with pytest.raises(ParameterError, match="holds an account"), hand_loop(lost, Script(), new_account=True):
        pass
    assert (lost / EVENTS_FILE).read_bytes() == before


def test_after_it_a_start_asks_no_more(lost):
    for new in (True, False):
        clock = SetClock(at_us(1_000))
        with hand_loop(lost, Script(), new_account=new, clock=clock, feed=HandFeed(clock)):
            pass
    assert [event.at for event in read_account(lost)] == [at_us(1_000)]


ROW = dict.fromkeys(("model", "reason_code", "size", "prompt_sha", "exit_price", "asked_because"), "") | {
    "executed": "True",
    "decision_id": "a",
    "timestamp": "2026-01-05T00:00:01Z",
}


@pytest.mark.parametrize(
    ("fields", "ours"),
    [
        ({"asked_because": "interval", "model": "rules", "size": "0.5"}, True),
        ({"model": "claude-x", "size": "0.5", "prompt_sha": "ab"}, True),  # of before there was that column
        ({"model": "rules", "size": "1.0"}, False),  # of candles
        ({"model": "simulated", "size": "1.0", "prompt_sha": "ab"}, False),
        ({"model": "other", "size": "1.0", "reason_code": "imported", "prompt_sha": "ab"}, False),
        ({"model": "another-bot", "size": "1.0"}, False),
    ],
)
def test_only_what_a_loop_filled_has_an_account(tmp_path, fields, ours):
    assert executed_of(ROW | fields) == Executed("a", at_us(1), False, ours)
    pd.DataFrame([ROW | fields]).to_csv(tmp_path / DECISIONS, index=False)
    assert [row.ours for row in executed_in(tmp_path / DECISIONS)] == [ours]
    if not ours:
        assert read_account(tmp_path) == []


def test_what_was_not_executed_or_is_not_whole_tells_nothing(tmp_path):
    assert executed_of(ROW | {"executed": "False"}) is None and executed_of(ROW | {"decision_id": ""}) is None
    head, row = ",".join(ROW), ",".join((ROW | {"asked_because": "x"}).values())
    for text in (
        "",
        head,
        f"{head}\n{row}",
        f"{head}\n{row},true\n",
        "timestamp,executed\nx,true\n",
        "\xff\n",
    ):
        (tmp_path / DECISIONS).write_text(text)
        assert list(executed_in(tmp_path / DECISIONS)) == []
    (tmp_path / DECISIONS).unlink()
    assert read_account(tmp_path) == []


@pytest.mark.parametrize("name", [EVENTS_FILE, DECISIONS])
def test_a_log_that_is_deleted_under_a_running_loop_loses_nothing(tmp_path, name):
    with hand_loop(tmp_path, Script(enter())) as (loop, feed):
        for second, price in ((40, 100.0), (50, 100.0), (60, 101.0), (70, 101.0)):
            feed.give(second, price)
            loop.step()
            (tmp_path / name).unlink(missing_ok=True)
        feed.give(80, 101.0)
        loop.step()
    assert [event.kind for event in read_events(tmp_path)] == ["open", "order", "fill", "exit"]
    rows = log_rows(tmp_path, DECISIONS)
    assert (rows[0]["executed"], rows[0]["exit_reason"]) == ("True", "TP_HIT")


HEADER = "timestamp,executed,decision_id,exit_price,size,asked_because"
LINE = "2026-01-05T00:00:40Z,True,a,101.0,1.0,"


def written(folder, header: str, *rows: bytes) -> list[Executed]:
    path = folder / DECISIONS
    path.write_bytes(b"\n".join([header.encode(), *rows, b""]))
    return list(executed_in(path))


def test_of_an_old_or_damaged_file_each_row_is_read_that_can_be(tmp_path):
    at = at_us(40)
    assert written(tmp_path, HEADER, LINE.encode()) == [Executed("a", at, True, False)]
    assert written(tmp_path, HEADER + "\r", (LINE + "wick\r").encode()) == [Executed("a", at, True, True)]
    assert written(tmp_path, HEADER, LINE.encode() + b"\xff") == [Executed("a", at, True, True)]
    assert written(tmp_path, HEADER, LINE.replace("2026-01", "someday").encode()) == [
        Executed("a", 0, True, False)
    ]
    four, fields = HEADER.split(",")[:4], LINE.split(",")[:4]
    assert written(tmp_path, ",".join(four), ",".join(fields).encode()) == [Executed("a", at, True, False)]
    for missing in range(4):
        header, row = (",".join(each[:missing] + each[missing + 1 :]) for each in (four, fields))
        assert written(tmp_path, header, row.encode()) == []


@pytest.mark.parametrize(
    ("size", "prompt", "ours"), [("1.0", "p", True), ("", "p", False), ("1.0", "", False)]
)
def test_before_loops_said_why_they_asked_a_fill_had_a_size_and_a_prompt(size, prompt, ours):
    row = {
        "executed": "True",
        "decision_id": "a",
        "timestamp": "",
        "exit_price": "",
        "model": "claude-x",
        "reason_code": "",
    }
    assert executed_of(row | {"size": size, "prompt_sha": prompt}) == Executed("a", 0, False, ours)


def test_one_trade_is_one_and_what_has_no_exit_is_named(tmp_path):
    row = (LINE + "wick").encode()
    written(tmp_path, HEADER, row)
    with pytest.raises(EventLogError, match=r"has 1 trade of the account that it held \(the newest: a\): "):
        read_account(tmp_path)
    written(tmp_path, HEADER, row, row.replace(b",a,101.0,", b",b,,"))
    with pytest.raises(
        EventLogError,
        match=r"has 2 trades of the account that it held \(the newest: b; without an exit: b\): ",
    ):
        read_account(tmp_path)
