"""Decision rows: whatever events know more than rows is made good at a start, each thing once."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from types import SimpleNamespace

import pytest

from lib.contract import schema
from lib.data.decisions import load_decisions
from lib.errors import MixedDecisionsError
from lib.market.exits import ExitRule
from runner.errors import EventLogError, WriteFailedError
from runner.trade.deciders import kind_of
from runner.trade.decision_log import DecisionLog, decision_row
from runner.trade.events import EVENTS_FILE, Event, EventLog
from runner.trade.known import stamp
from runner.trade.lost import read_account
from runner.trade.models import Answer, FirstAnswer, Usage
from tests.runner.trade.made import Script, at_us, enter, hand_loop, log_rows, settings
from tests.runner.trade.test_book import EXIT, FILL, OPEN, ORDER

DECISIONS = "claude_decisions.csv"


def traded(folder):
    """A trade from its order to its exit; the events and the rows of it."""
    with hand_loop(folder, Script(enter(reasoning='rising, "all" green'))) as (loop, feed):
        for second, price in ((40, 100.0), (50, 100.0), (60, 101.0), (70, 101.0)):
            feed.give(second, price)
            loop.step()
    with EventLog(folder) as log:
        return log.events, (folder / DECISIONS).read_text()


@pytest.mark.parametrize("kept", [0, 1, 2, 3])
def test_rows_are_made_good_from_the_events(tmp_path, kept):
    """`kept`: what had been written when the power went: nothing, the decision, its fill, all of it."""
    events, whole = traded(tmp_path)
    path = tmp_path / DECISIONS
    head, first, *rest = whole.splitlines(keepends=True)
    if kept == 0:
        path.write_text(head)
    else:
        path.unlink()
        with DecisionLog(tmp_path, "script") as log:
            log.write(events[1].decision_id, events[1].row)
            for event in events[2 : 1 + kept]:
                log.complete(event, events[2])
    files = []
    for _ in range(2):
        with DecisionLog(tmp_path, "script") as log:
            log.catch_up(events)
            assert not log.behind
        assert path.read_text() == head + first
        files.append(path.stat().st_ino)
    assert files[0] == files[1]  # what is whole is not written anew
    assert rest  # the rows of the ticks in between were there to be told apart


def test_a_trade_of_a_coin_far_below_a_dollar_is_logged_as_exactly(tmp_path):
    with hand_loop(tmp_path, Script(enter())) as (loop, feed):
        for second, price in ((40, 1.2345678e-5), (50, 1.2345678e-5), (60, 1.25e-5), (70, 1.25e-5)):
            feed.give(second, price)
            loop.step()
    row = log_rows(tmp_path, DECISIONS)[0]
    entry, left, stop, target = (float(row[f"{name}_price"]) for name in ("entry", "exit", "stop", "target"))
    with EventLog(tmp_path) as log:
        fill = next(event for event in log.events if event.kind == "fill")
    assert entry == pytest.approx(fill.price, rel=1e-8)
    assert (1 - stop / entry) * 100 == pytest.approx(fill.stop_pct, abs=1e-5)
    assert (target / entry - 1) * 100 == pytest.approx(fill.target_pct, abs=1e-5)
    assert (left / entry - 1) * 100 == pytest.approx(float(row["pnl_pct"]), abs=1e-5)


def test_an_exit_says_what_both_fees_were(tmp_path):
    events, _ = traded(tmp_path)
    fill, over = events[2:4]
    with DecisionLog(tmp_path, "script") as log:
        log.complete(replace(over, fee=0.7), fill)
    row = log_rows(tmp_path, DECISIONS)[0]
    assert float(row["fees"]) == pytest.approx(fill.fee + 0.7)


def test_an_order_that_came_to_nothing_is_made_good_too(tmp_path):
    events, _ = traded(tmp_path)
    opened, order = events[:2]
    void = Event("void", at_us(70), order.decision_id, reason="expired")
    (tmp_path / DECISIONS).unlink()
    with DecisionLog(tmp_path, "script") as log:
        log.catch_up([opened, order, void])
    (row,) = log_rows(tmp_path, DECISIONS)
    assert (row["executed"], row["reason_code"]) == ("False", "expired")


def test_ids_are_never_given_twice(tmp_path):
    traded(tmp_path)
    with DecisionLog(tmp_path, "script") as log:
        assert log.new_id("script", at_us(40)) == "script-20260105T000040Z-2"
        assert log.new_id("script", at_us(41)) == "script-20260105T000041Z"
        log.write("script-20260105T000040Z-2", log.text({}))
        assert log.new_id("script", at_us(40)) == "script-20260105T000040Z-3"
        assert log.new_id("script", at_us(41.5)) == "script-20260105T000041.500000Z"


def test_a_text_with_commas_and_newlines_stays_one_row(tmp_path):
    with hand_loop(tmp_path, Script(enter(reasoning='a, "b"\nc\x00'))) as (loop, feed):
        feed.give(40, 100.0)
        loop.step()
        feed.give(50, 100.0)
        loop.step()
    rows = log_rows(tmp_path, DECISIONS)
    assert rows[0]["reasoning"] == 'a, "b" c'
    assert rows[0]["executed"] == "True"


def test_rows_of_others_stay_as_they_are(tmp_path):
    _, whole = traded(tmp_path)
    head = whole.splitlines(keepends=True)[0]
    names = head.strip().split(",")
    other = ",".join(
        "2026-01-04T00:00:00Z" if name == "timestamp" else "HOLD" if name == "direction" else ""
        for name in names
    )
    path = tmp_path / DECISIONS
    path.write_text(head + other + "\n" + "rubbish\n")
    with EventLog(tmp_path) as log, DecisionLog(tmp_path, "script") as decisions:
        decisions.catch_up(log.events)
    lines = path.read_text().splitlines()
    assert lines[1:3] == [other, "rubbish"]
    assert len(lines) == 4


def test_a_row_says_who_was_asked_why_and_what_came_of_it():
    readings = {
        name: SimpleNamespace(state=state) for name, state in (("5min", "all_green"), ("15min", "mixed"))
    }
    view = SimpleNamespace(
        at=stamp(at_us(40)),
        wick="WICK_UP",
        regime="RANGING",
        gate_reason="flip",
        position=None,
        readings=readings,
    )
    answer = enter(
        "SHORT",
        entry_recommended=False,
        reasoning="why",
        model="m",
        prompt_sha="p",
        request_sha="r",
        target_pct=0.4,
    )
    assert decision_row("a-1", view, answer, ExitRule(0.4, 0.2, 45.0), "not_recommended") == {
        "timestamp": stamp(at_us(40)),
        "direction": "SHORT",
        "entry_recommended": "NO",
        "confidence": 0.9,
        "executed": False,
        "reasoning": "why",
        "decision_id": "a-1",
        "wick": "WICK_UP",
        "regime": "RANGING",
        "model": "m",
        "prompt_sha": "p",
        "model_cost_usd": 0.0,
        "reason_code": "not_recommended",
        "holding": "NO",
        "asked_because": "flip",
        "request_sha": "r",
        "stop_pct": 0.2,
        "target_pct": 0.4,
        "state_5min": "all_green",
        "state_15min": "mixed",
    }


def test_figures_are_texts_without_exponents_and_blank_where_nobody_knows(tmp_path):
    with DecisionLog(tmp_path, "m") as log:
        log.write("a", log.text({"confidence": 1e-7, "stop_pct": float("nan"), "target_pct": 0.1 + 0.2}))
    (row,) = log_rows(tmp_path, DECISIONS)
    assert (row["confidence"], row["stop_pct"], row["target_pct"]) == ("0.0000001", "", "0.3")


def test_a_row_says_what_its_order_would_have_been_and_whether_something_was_held(tmp_path):
    """Refused by the rails, its own distances and standard ones alike; held; a HOLD and what no price can lie at say nothing."""
    answers = (
        enter(confidence=0.5, stop_pct=0.2),
        enter(stop_pct=7.0, target_pct=0.4),
        enter(target_pct=0.0, stop_pct=float("inf")),
        Answer("HOLD", False, 0.0),
        enter(),
        enter("SHORT"),
    )
    with hand_loop(tmp_path, Script(*answers)) as (loop, feed):
        for second in range(40, 110, 10):
            feed.give(second, 100.0)
            loop.step()
    rows = log_rows(tmp_path, DECISIONS)
    names = ("reason_code", "stop_pct", "target_pct", "holding")
    assert [tuple(row[name] for name in names) for row in rows[:6]] == [
        ("rail_confidence", "0.2", "0.3", "NO"),
        ("rail_stop", "7.0", "0.4", "NO"),
        ("rail_stop", "", "", "NO"),
        ("hold", "", "", "NO"),
        ("", "0.15", "0.3", "NO"),
        ("held", "0.15", "0.3", "YES"),
    ]
    assert rows[4]["executed"] == "True"


@pytest.mark.parametrize("kept", [0, 1, 2, 3, 4])
def test_an_event_log_that_lost_its_last_rows_is_refused(tmp_path, kept):
    """`kept`: rows of the log (open, order, fill, exit); without the fill or the exit of a decision row nobody knows what is held."""
    traded(tmp_path)
    path = tmp_path / EVENTS_FILE
    header, *rows = path.read_text().splitlines(keepends=True)
    assert len(rows) == 4
    decisions = tmp_path / DECISIONS
    if kept < 3:  # as it stood while the trade was open
        whole = decisions.read_text().splitlines(keepends=True)
        names, (_, row, *_) = whole[0].strip().split(","), whole
        fields = next(csv.reader([row]))
        for name in ("exit_price", "exit_time", "exit_reason"):
            fields[names.index(name)] = ""
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerow(fields)
        decisions.write_text(whole[0] + out.getvalue() + "".join(whole[2:]))
    path.write_text("".join([header, *rows[:kept]]) if kept else "")
    if kept == 4:
        assert len(read_account(tmp_path)) == 4
        with hand_loop(tmp_path, Script()):
            return
    before = path.read_bytes()
    lost = "rows are missing at its end" if kept else "holds no event"
    with pytest.raises(EventLogError, match=lost), hand_loop(tmp_path, Script()):
        pass
    assert path.read_bytes().splitlines()[1:] == before.splitlines()[1:]
    with pytest.raises(EventLogError, match=lost):  # to whoever only looks too
        read_account(tmp_path)


def executed(second: float, **fields: object) -> dict[str, object]:
    """A decision row that was filled."""
    return {
        "timestamp": stamp(at_us(second)),
        "decision_id": "a",
        "executed": True,
        "entry_price": 100.0,
    } | fields


OVER = {"exit_price": 101.0}


@pytest.mark.parametrize(
    ("row", "events", "lost"),
    [
        (executed(1), [OPEN, ORDER], "fill"),
        (executed(1), [OPEN, ORDER, FILL], ""),
        (executed(1, **OVER), [OPEN, ORDER, FILL], "exit"),
        (executed(1, **OVER), [OPEN, ORDER, FILL, EXIT], ""),
        (executed(1, **OVER), [OPEN], ""),  # over, and without any event: the log was begun anew
        (executed(0), [OPEN], "fill"),
        (executed(-1), [OPEN], ""),  # from before the log began
        (executed(1), [], ""),  # not of a loop: of candles, or of another bot
        (executed(0, timestamp="no time"), [OPEN], ""),
    ],
)
def test_a_row_is_missed_in_the_log_only_where_the_log_must_have_it(tmp_path, row, events, lost):
    with DecisionLog(tmp_path, "script") as log:
        log.write("a", log.text(row))
    with DecisionLog(tmp_path, "script") as log:
        if lost:
            with pytest.raises(EventLogError, match=f"has the {lost} of a, the log has not"):
                log.check(events)
        else:
            log.check(events)


def test_of_two_models_a_row_has_what_the_first_advised_and_what_both_cost(tmp_path):
    first = FirstAnswer("cheap", "SHORT", 0.9, "cd" * 32, Usage(cost_usd=0.0005))
    asked = {"model": "dear", "request_sha": "ab" * 32, "usage": Usage(cost_usd=0.01)}
    with hand_loop(tmp_path, Script(enter(**asked, first=first), enter(**asked))) as (loop, feed):
        for second in (40, 50):
            feed.give(second, 100.0)
            loop.step()
    row, *_ = log_rows(tmp_path, DECISIONS)
    assert {name: row[name] for name in row if name.startswith("first_")} == {
        "first_model": "cheap",
        "first_answer": "SHORT",
        "first_confidence": "0.9",
        "first_cost_usd": "0.0005",
        "first_request_sha": "cd" * 32,
    }
    assert (row["model"], row["request_sha"], row["direction"]) == ("dear", "ab" * 32, "LONG")
    assert (float(row["model_cost_usd"]), row["executed"]) == (0.0105, "True")


def test_of_one_model_these_fields_are_blank(tmp_path):
    with hand_loop(tmp_path, Script(enter(model="one", usage=Usage(cost_usd=0.01)))) as (loop, feed):
        feed.give(40, 100.0)
        loop.step()
    (row,) = log_rows(tmp_path, DECISIONS)
    assert {row[name] for name in row if name.startswith("first_")} == {""}
    assert float(row["model_cost_usd"]) == 0.01
    found, _ = load_decisions(tmp_path, None, None)
    assert found[["first_model", "first_answer", "first_request_sha"]].eq("").all(axis=None)
    assert found[["first_confidence", "first_cost_usd"]].isna().all(axis=None)


def test_rows_that_waited_for_the_disk_are_written_once_each(tmp_path, monkeypatch):
    written = [f"{name}," for name in "abc"]
    with DecisionLog(tmp_path, "script") as log:
        with monkeypatch.context() as full:
            full.setattr(log._journal, "append", refused)
            for row in written[:2]:
                log.write(row[0], row)
            assert log.behind
        log.write("c", written[2])
        assert not log.behind
        assert [line.split(",")[0] for line in log._journal.rows()] == ["a", "b", "c"]


def refused(rows):
    raise WriteFailedError("the disk is full")


def test_a_kind_is_the_model_s_name_where_a_decider_has_one():
    assert kind_of(SimpleNamespace(model="claude-x", name="claude")) == "claude-x"
    assert kind_of(Script()) == "script"


def test_a_file_of_an_older_version_gets_the_later_columns(tmp_path):
    older = [name for name in schema.DECISION_COLUMNS if name not in schema.LATER_DECISION_COLUMNS]
    (tmp_path / DECISIONS).write_text(",".join(older) + "\n")
    with DecisionLog(tmp_path, "script"):
        pass
    header = (tmp_path / DECISIONS).read_text().splitlines()[0].split(",")
    assert set(header) == set(schema.DECISION_COLUMNS)


def test_a_start_that_was_refused_leaves_the_file_to_the_next(tmp_path):
    traded(tmp_path)
    with pytest.raises(MixedDecisionsError), DecisionLog(tmp_path, "rules"):
        pass
    with DecisionLog(tmp_path, "script") as log:
        assert log.ids


def test_who_was_asked_before_a_restart_is_not_asked_again_at_once(tmp_path):
    chosen = settings(gate={"every_minutes": 5, "least_seconds": 0})
    asked = []
    for rows in ((40,), (50, 60)):
        decider = Script()
        with hand_loop(tmp_path, decider, chosen) as (loop, feed):
            for second in rows:
                feed.give(second, 100.0)
                loop.step()
        asked.append(len(decider.views))
    assert asked == [1, 0]
