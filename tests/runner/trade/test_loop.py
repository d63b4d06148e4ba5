"""A tick's one outcome, orders that execute once and in time, exits into the row (docs/guarantees.md, L1–L4, L6)."""

from __future__ import annotations

import errno
import os
import time
from dataclasses import replace

import pytest

from lib.data.decisions import load_decisions
from lib.errors import MixedDecisionsError
from lib.market.terms import DEFAULT_TERMS
from runner.errors import LockedError, WriteFailedError
from runner.files import journal as journal_module
from runner.trade.clock import SetClock
from runner.trade.events import read_events
from runner.trade.known import stamp
from runner.trade.models import Answer
from tests.runner.trade.made import (
    BEAT,
    SECOND,
    HandFeed,
    Hanging,
    Looker,
    Script,
    at_us,
    enter,
    hand_loop,
    log_rows,
    settings,
)

DECISIONS, TICKS, EVENTS = "claude_decisions.csv", "ticks.csv", "trade_events.csv"


def outcomes(folder):
    return [(row["outcome"], row["reason_code"]) for row in log_rows(folder, TICKS)]


def test_a_decision_is_filled_at_the_next_sample_and_left_at_its_target(tmp_path):
    with hand_loop(tmp_path, Script(enter())) as (loop, feed):
        feed.give(40, 100.0)
        assert loop.step().outcome == "asked"
        (row,) = log_rows(tmp_path, DECISIONS)
        assert (row["executed"], row["entry_price"], row["timestamp"]) == (
            "False",
            "",
            "2026-01-05T00:00:40Z",
        )
        feed.give(50, 100.1)
        assert [event.kind for event in loop.step().events] == ["fill"]
        (row, *_) = log_rows(tmp_path, DECISIONS)
        fill = 100.1 * 1.0001
        assert row["executed"] == "True"
        assert float(row["entry_price"]) == pytest.approx(fill)
        assert float(row["stop_price"]) == pytest.approx(fill * 0.9985)
        assert float(row["size"]) == pytest.approx(1_000 / fill)
        assert float(row["fees"]) == pytest.approx(0.9)
        assert row["exit_time"] == ""
        feed.give(60, 101.0)
        assert [event.reason for event in loop.step().events] == ["TP_HIT"]
        (row, *_) = log_rows(tmp_path, DECISIONS)
        assert float(row["exit_price"]) == pytest.approx(fill * 1.003)
        assert (row["exit_reason"], row["exit_time"]) == ("TP_HIT", "2026-01-05T00:01:00Z")
        assert float(row["pnl_pct"]) == pytest.approx(0.3)
        assert float(row["net_pnl_pct"]) == pytest.approx(0.21)
        assert loop.book.equity == pytest.approx(1_000 * 1.0021)
    frame, counts = load_decisions(tmp_path, None, None)
    assert counts.set_aside == {}
    assert frame["executed"].tolist()[0]


@pytest.mark.parametrize(
    ("fields", "railed", "notional"),
    [
        ({"rails": {"max_size_usd": 70.0}}, True, 70.0),
        ({"rails": {"max_leverage": 0.25}}, True, 250.0),
        ({}, True, 500.0),
        ({"rails": {"max_size_usd": 70.0}}, False, 500.0),
    ],
)
def test_an_order_is_of_what_the_rails_allow_and_lives_as_long_as_its_answer(
    tmp_path, fields, railed, notional
):
    chosen = settings(paper={"size_pct": 50.0}, **fields)
    with hand_loop(tmp_path, Script(enter(valid_for_s=7.5)), chosen) as (loop, feed):
        loop.rails = loop.rails if railed else None
        for second in (40, 45):
            feed.give(second, 100.0)
            loop.step()
        order, fill = read_events(tmp_path)[1:]
    assert (order.notional, order.valid_until) == (notional, at_us(47.5))
    assert fill.size * fill.price == pytest.approx(notional)


def test_a_short_is_stopped_where_the_price_rises(tmp_path):
    with hand_loop(tmp_path, Script(enter("SHORT", stop_pct=0.2, target_pct=0.5))) as (loop, feed):
        for second, price in ((40, 100.0), (50, 100.0), (60, 100.5)):
            feed.give(second, price)
            loop.step()
        row = log_rows(tmp_path, DECISIONS)[0]
        fill = 100.0 * 0.9999
        assert float(row["entry_price"]) == pytest.approx(fill)
        assert (row["exit_reason"], float(row["exit_price"])) == ("SL_HIT", pytest.approx(fill * 1.002))
        assert loop.book.equity == pytest.approx(1_000 * (1 - 0.002 - 0.0009))


def test_every_tick_has_exactly_one_outcome(tmp_path):
    chosen = settings(gate={"every_minutes": 1, "least_seconds": 0})
    with hand_loop(tmp_path, Script(), chosen) as (loop, feed):
        for place in range(4, 40):
            quality = "frozen" if place in (20, 21) else "ok"
            feed.give(BEAT * place, 100.0, quality=quality)
            assert loop.step() is not None
            assert loop.step() is None
    asked = {row["timestamp"] for row in log_rows(tmp_path, DECISIONS)}
    told = [row["timestamp"] for row in log_rows(tmp_path, TICKS)]
    assert len(told) == len(set(told))
    assert not asked & set(told)
    assert len(asked) + len(told) == 36
    assert outcomes(tmp_path).count(("frozen", "")) == 2


@pytest.mark.parametrize("word", ["frozen", "partial", "venue_mismatch"])
def test_a_sample_that_teaches_nothing_asks_nobody(tmp_path, word):
    decider = Script(enter())
    with hand_loop(tmp_path, decider) as (loop, feed):
        feed.give(40, 100.0, quality=word)
        assert loop.step().outcome == word
        feed.give(50, 100.0, state="unknown")
        assert loop.step().outcome == "unknown"
    assert decider.views == []
    assert outcomes(tmp_path) == [(word, ""), ("unknown", "")]


def test_old_samples_ask_nobody(tmp_path):
    decider = Script(enter())
    with hand_loop(tmp_path, decider) as (loop, feed):
        feed.give(40, 100.0)
        feed.clock.at_us = at_us(65)
        assert loop.step().outcome == "asked"
        feed.give(70, 100.0)
        feed.clock.at_us = at_us(95.5)
        assert loop.step().outcome == "stale"
    assert len(decider.views) == 1


def test_another_symbol_asks_nobody(tmp_path):
    with hand_loop(tmp_path, Script(enter()), settings(symbol="ETHUSDT")) as (loop, feed):
        feed.give(40, 100.0)
        assert loop.step().outcome == "symbol"


def test_an_order_is_void_once_it_has_expired(tmp_path):
    with hand_loop(tmp_path, Script(enter())) as (loop, feed):
        feed.give(40, 100.0)
        loop.step()
        feed.give(61, 100.0)  # 21 s after the decision
        assert [(event.kind, event.reason) for event in loop.step().events] == [("void", "expired")]
    row = log_rows(tmp_path, DECISIONS)[0]
    assert (row["executed"], row["reason_code"]) == ("False", "expired")


def test_an_answer_may_live_shorter_but_not_longer_than_configured(tmp_path):
    for seconds, kind in ((5.0, "void"), (300.0, "void"), (12.0, "fill")):
        folder = tmp_path / f"{seconds:g}"
        folder.mkdir()
        with hand_loop(folder, Script(enter(valid_for_s=seconds))) as (loop, feed):
            feed.give(40, 100.0)
            loop.step()
            feed.give(50 if seconds < 300 else 61, 100.0)
            assert [event.kind for event in loop.step().events] == [kind], seconds


def test_an_order_survives_a_restart_and_its_age_too(tmp_path):
    for second, kind in ((55, "fill"), (65, "void")):
        folder = tmp_path / str(second)
        folder.mkdir()
        with hand_loop(folder, Script(enter())) as (loop, feed):
            feed.give(40, 100.0)
            loop.step()
        with hand_loop(folder, Script(), feed=feed, clock=feed.clock) as (loop, _):
            assert loop.book.order is not None
            feed.give(second, 100.0)
            assert [event.kind for event in loop.step().events] == [kind]
        assert [row["kind"] for row in log_rows(folder, EVENTS)] == ["open", "order", kind]


def test_a_position_survives_a_restart_and_ends_once(tmp_path):
    with hand_loop(tmp_path, Script(enter())) as (loop, feed):
        for second in (40, 50):
            feed.give(second, 100.0)
            loop.step()
    with hand_loop(tmp_path, Script(), feed=feed, clock=feed.clock) as (loop, _):
        assert loop.book.held is not None
        for second, price in ((60, 99.0), (70, 99.0)):
            feed.give(second, price)
            loop.step()
    assert [row["kind"] for row in log_rows(tmp_path, EVENTS)] == ["open", "order", "fill", "exit"]


@pytest.mark.serial
def test_a_decider_that_hangs_gives_hold_within_the_deadline_and_is_not_asked_again(tmp_path):
    decider = Hanging()
    with hand_loop(tmp_path, decider, settings(deadline_s=0.3)) as (loop, feed):
        feed.give(40, 100.0)
        began = time.monotonic()
        assert loop.step().reason_code == "timeout"
        assert time.monotonic() - began < 1.0
        feed.give(50, 100.0)
        assert (loop.step().outcome, len(decider.views)) == ("busy", 1)
        time.sleep(1.3)  # it is back now, with an answer that nobody hears
        feed.give(60, 100.0)
        loop.step()
    assert [row["reason_code"] for row in log_rows(tmp_path, DECISIONS)][:1] == ["timeout"]
    assert [row["kind"] for row in log_rows(tmp_path, EVENTS)] == ["open"]


def test_a_decider_that_raises_gives_hold(tmp_path):
    class Raising(Script):
        def decide(self, view, deadline_s):
            raise RuntimeError("sesame")

    with hand_loop(tmp_path, Raising()) as (loop, feed):
        feed.give(40, 100.0)
        assert loop.step().reason_code == "error"
    assert "sesame" not in (tmp_path / DECISIONS).read_text()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (enter(confidence=0.74), "rail_confidence"),
        (enter(confidence=float("nan")), "rail_confidence"),
        (enter(confidence=1.5), "rail_confidence"),
        (enter(stop_pct=0.0), "rail_stop"),
        (enter(stop_pct=-0.15), "rail_stop"),
        (enter(stop_pct=1.01), "rail_stop"),
        (enter(stop_pct=float("inf")), "rail_stop"),
        (enter(target_pct=float("nan")), "rail_target"),
        (enter(valid_for_s=0.0), "valid_for"),
        (enter(valid_for_s=float("nan")), "valid_for"),
        (enter(entry_recommended=False), "not_recommended"),
        (enter("BUY"), "direction"),
        (Answer("HOLD", True, 0.9), "hold"),
        (enter(reason_code="refusal"), "refusal"),
    ],
)
def test_what_is_not_valid_makes_no_order(tmp_path, answer, code):
    with hand_loop(tmp_path, Script(answer)) as (loop, feed):
        feed.give(40, 100.0)
        assert loop.step().reason_code == code
        feed.give(50, 100.0)
        loop.step()
    assert log_rows(tmp_path, DECISIONS)[0]["reason_code"] == code
    assert [row["kind"] for row in log_rows(tmp_path, EVENTS)] == ["open"]


@pytest.mark.parametrize(("code", "told"), [("refusal", "refusal"), ("", "held")])
def test_while_something_is_held_an_answer_that_failed_says_why(tmp_path, code, told):
    with hand_loop(tmp_path, Script(enter(), enter(reason_code=code))) as (loop, feed):
        for second in (40, 50):
            feed.give(second, 100.0)
            loop.step()
    assert [row["reason_code"] for row in log_rows(tmp_path, DECISIONS)] == ["", told]


@pytest.mark.parametrize(("grows", "lives_s"), [(True, 57.0), (False, 7.0)])
def test_an_order_lives_longer_where_the_data_comes_more_seldom_if_its_policy_says_so(
    tmp_path, grows, lives_s
):
    with hand_loop(tmp_path, Script(enter(valid_for_s=7.0))) as (loop, feed):
        loop.policy = replace(loop.policy, grows=grows)
        loop.feed.known.step_s = 60.0
        feed.give(40, 100.0)
        loop.step()
        assert read_events(tmp_path)[-1].valid_until == at_us(40 + lives_s)


def test_a_short_life_is_a_life(tmp_path):
    with hand_loop(tmp_path, Script(enter(valid_for_s=0.5))) as (loop, feed):
        feed.give(40, 100.0)
        assert loop.step().reason_code == ""


def test_an_advice_to_leave_that_the_disk_does_not_take_says_so(tmp_path, monkeypatch):
    advice = Answer("HOLD", False, 0.0, exit_advice="exit", model="script")

    def refuse(*_: object) -> None:
        raise WriteFailedError("no room")

    with hand_loop(tmp_path, Script(enter(), advice)) as (loop, feed):
        feed.give(40, 100.0)
        loop.step()
        monkeypatch.setattr(loop.broker, "leave", refuse)
        feed.give(50, 100.0)
        loop.step()
        assert loop.book.held is not None
    assert [row["reason_code"] for row in log_rows(tmp_path, DECISIONS)] == ["", "disk"]


def test_a_controlled_test_hears_what_became_of_an_answer_and_what_would_have_of_another(tmp_path):
    looker, other = Looker(), enter(stop_pct=0.2)
    chosen = settings(rails={"cooldown_minutes": 0, "max_trades_per_hour": 1})
    answers = (enter(confidence=0.5), enter(), enter())
    with hand_loop(tmp_path, Script(*answers), chosen, experimenter=looker) as (loop, feed):
        for second in (40, 50, 60):
            feed.give(second, 100.0)
            loop.step()
    low, order, _ = looker.asked
    assert [asked.code for asked in looker.asked] == ["rail_confidence", "", "held"]
    assert [row["decision_id"] for row in log_rows(tmp_path, DECISIONS)] == [
        asked.decision_id for asked in looker.asked
    ]
    # Of another answer it is asked what it would have got had nothing been held.
    assert [asked.code_of(other) for asked in looker.asked] == ["", "", ""]
    assert (low.rule_of(other).stop_pct, low.rule_of(enter()).stop_pct) == (0.2, DEFAULT_TERMS.exits.stop_pct)
    assert order.lives_s(enter(valid_for_s=3.0)) == 3.0


def test_a_controlled_test_hears_how_long_an_answer_took(tmp_path):
    looker = Looker()

    class Slow(Script):
        def decide(self, view, deadline_s):
            feed.clock.at_us += 2 * SECOND
            return super().decide(view, deadline_s)

    with hand_loop(tmp_path, Slow(), experimenter=looker) as (loop, feed):
        feed.give(40, 100.0)
        loop.step()
    (asked,) = looker.asked
    assert asked.took_s == pytest.approx(2.0)


def test_a_person_hears_of_an_entry_an_exit_and_a_halt_once_each(tmp_path):
    told = []
    chosen = settings(rails={"max_daily_loss_pct": 0.2, "cooldown_minutes": 0})
    with hand_loop(tmp_path, Script(enter()), chosen, notify=lambda *words: told.append(words)) as (
        loop,
        feed,
    ):
        for second, price in ((40, 100.0), (50, 100.0), (60, 99.0), (70, 99.0)):
            feed.give(second, price)
            loop.step()
    assert [kind for kind, _ in told] == ["entry", "exit", "halt"]
    assert told[2][1] == "halted: daily_loss; `ribbon resume` lifts it"


def test_a_fill_and_an_exit_are_reasons_to_ask(tmp_path):
    chosen = settings(gate={"every_minutes": 1_000, "least_seconds": 0})
    decider = Script(enter())
    with hand_loop(tmp_path, decider, chosen) as (loop, feed):
        for second, price in ((40, 100.0), (50, 100.0), (60, 100.0), (70, 101.0), (80, 101.0)):
            feed.give(second, price)
            loop.step()
    assert [(view.gate_reason, view.at) for view in decider.views] == [
        ("interval", stamp(at_us(40))),
        ("position", stamp(at_us(50))),
        ("position", stamp(at_us(70))),
    ]


def test_a_clock_that_was_set_back_ages_what_is_held_though_nobody_is_asked(tmp_path):
    with hand_loop(tmp_path, Script(enter())) as (loop, feed):
        for second in (40, 50):
            feed.give(second, 100.0)
            loop.step()
        feed.clock.at_us = at_us(45)
        loop.silence()
        assert loop.book.held.at <= at_us(45)


def test_a_tick_is_of_its_sample_and_where_there_is_none_of_the_clock(tmp_path):
    looker, chosen = Looker(), settings(gate={"every_minutes": 1_000, "least_seconds": 1_000})
    with hand_loop(tmp_path, Script(), chosen, warm=0, experimenter=looker) as (loop, feed):
        feed.clock.at_us, feed.fresh = at_us(5), True  # its first row was set aside
        loop.step()
        for second in (40, 50):
            feed.give(second, 100.0)
            feed.clock.at_us = at_us(second + 3)
            loop.step()
    assert looker.looks == [(at_us(5), at_us(5)), (at_us(40), at_us(43)), (at_us(50), at_us(53))]
    assert [row["timestamp"][17:19] for row in log_rows(tmp_path, TICKS)] == ["05", "50"]
    assert log_rows(tmp_path, DECISIONS)[0]["timestamp"][17:19] == "40"


def test_what_stopped_an_answer_would_have_stopped_another(tmp_path):
    looker = Looker()

    class Slow(Script):
        def decide(self, view, deadline_s):
            (tmp_path / "KILL").touch()
            return super().decide(view, deadline_s)

    with hand_loop(tmp_path, Slow(enter()), experimenter=looker) as (loop, feed):
        feed.give(40, 100.0)
        loop.step()
    (asked,) = looker.asked
    assert (asked.code, asked.code_of(enter("SHORT"))) == ("rail_kill", "rail_kill")


def test_the_gate_is_told_whether_an_entry_is_possible(tmp_path):
    told = []

    class Gate:
        def reason(self, known, blocked):
            told.append((blocked, loop.book.order is not None, loop.book.held is not None))
            return "interval"

        def note_request(self, at):
            pass

        def note(self, what):
            pass

    with hand_loop(tmp_path, Script(enter(valid_for_s=20.0))) as (loop, feed):
        loop.policy = replace(loop.policy, gate=Gate())
        feed.give(40, 100.0)
        loop.step()
        feed.known.know(at_us(40))
        feed.fresh = True
        assert (loop.step().outcome, loop.step()) == ("gate", None)  # the same sample again: the order rests
        feed.give(50, 100.0)
        loop.step()
    assert told == [(False, False, False), (True, True, False), (True, False, True)]
    assert outcomes(tmp_path) == [("gate", "ordered")]


def test_while_an_answer_is_out_nobody_else_is_asked(tmp_path, monkeypatch):
    decider = Script()
    with hand_loop(tmp_path, decider) as (loop, feed):
        monkeypatch.setattr(type(loop.caller), "busy", True)
        feed.give(40, 100.0)
        loop.step()
    assert (outcomes(tmp_path), decider.views) == ([("busy", "interval")], [])


@pytest.mark.parametrize(("code", "outcome"), [("disk", "disk"), ("draw_failed", "blocked")])
def test_without_an_arm_nobody_is_asked(tmp_path, monkeypatch, code, outcome):
    looker, decider = Looker(), Script()
    monkeypatch.setattr(looker, "draw", lambda view, book: code)
    with hand_loop(tmp_path, decider, experimenter=looker) as (loop, feed):
        feed.give(40, 100.0)
        loop.step()
    assert (outcomes(tmp_path), decider.views) == ([(outcome, code)], [])


def test_ticks_that_the_disk_does_not_take_are_a_full_disk_too(tmp_path, monkeypatch):
    decider = Script()
    with hand_loop(tmp_path, decider) as (loop, feed):
        monkeypatch.setattr(type(loop.ticks), "behind", True)
        feed.give(40, 100.0)
        assert loop.step().outcome == "disk"
    assert decider.views == []


def test_a_budget_that_is_used_up_is_a_tick_that_asked_nobody(tmp_path):
    with hand_loop(tmp_path, Script(Answer.hold("budget"), Answer.hold("blocked"))) as (loop, feed):
        for second in (40, 50):
            feed.give(second, 100.0)
            loop.step()
    assert outcomes(tmp_path) == [("budget", "budget"), ("blocked", "blocked")]
    assert log_rows(tmp_path, DECISIONS) == []


def test_exit_advice_leaves_at_the_next_sample(tmp_path):
    advice = Answer("HOLD", False, 0.0, exit_advice="exit", model="script")
    with hand_loop(tmp_path, Script(enter(), advice)) as (loop, feed):
        for second, price in ((40, 100.0), (50, 100.0), (60, 100.05)):
            feed.give(second, price)
            loop.step()
        assert loop.book.held is None
    first, second = log_rows(tmp_path, DECISIONS)[:2]
    assert (first["exit_reason"], first["exit_time"]) == ("CLAUDE_EXIT", "2026-01-05T00:01:00Z")
    assert float(first["exit_price"]) == pytest.approx(100.05 * 0.9999)
    assert second["reason_code"] == "exit_advised"


def test_the_time_exit_comes_at_the_first_close_after_the_hold(tmp_path):
    chosen = settings(gate={"every_minutes": 100, "least_seconds": 0})
    with hand_loop(tmp_path, Script(enter()), chosen) as (loop, feed):
        for second in (40, *range(50, 3_050, 25)):
            feed.give(second, 100.0)
            loop.step()
    row = log_rows(tmp_path, DECISIONS)[0]
    # 45 minutes after 00:00:50 lies before the close at 00:50:00, a sample's time.
    assert (row["entry_time"], row["exit_time"]) == ("2026-01-05T00:00:50Z", "2026-01-05T00:50:00Z")
    assert row["exit_reason"] == "TIME_EXIT"


def test_a_position_without_prices_is_closed_at_the_first_one(tmp_path):
    with hand_loop(tmp_path, Script(enter())) as (loop, feed):
        for second, price in ((40, 100.0), (50, 100.0), (111, 97.0)):
            feed.give(second, price)
            loop.step()
    row = log_rows(tmp_path, DECISIONS)[0]
    assert (row["exit_reason"], float(row["exit_price"])) == ("DATA_LOSS", pytest.approx(97.0 * 0.9999))


def test_prices_of_another_venue_do_not_count(tmp_path):
    with hand_loop(tmp_path, Script(enter())) as (loop, feed):
        for second, price, quality in ((40, 100.0, "ok"), (50, 90.0, "venue_mismatch"), (55, 100.2, "ok")):
            feed.give(second, price, quality=quality)
            loop.step()
        assert loop.book.held.price == pytest.approx(100.2 * 1.0001)
        feed.give(65, 90.0, quality="venue_mismatch")
        loop.step()
        assert loop.book.held is not None


def test_a_full_disk_makes_no_entry_and_writing_resumes(tmp_path, monkeypatch):
    full = [True]
    write = journal_module._write_all

    def writing(fd, data):
        if full[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(fd, data)

    with hand_loop(tmp_path, Script(enter(), enter(), enter())) as (loop, feed):
        monkeypatch.setattr(journal_module, "_write_all", writing)
        feed.give(40, 100.0)
        assert loop.step().reason_code == "disk"
        assert loop.book.order is None
        feed.give(50, 100.0)
        assert loop.step().outcome == "disk"
        full[0] = False
        feed.give(60, 100.0)
        loop.step()
        feed.give(70, 100.0)
        loop.step()
        assert loop.book.held is not None
    assert log_rows(tmp_path, DECISIONS)[0]["reason_code"] == "disk"
    stamps = [row["timestamp"] for row in log_rows(tmp_path, DECISIONS) + log_rows(tmp_path, TICKS)]
    assert sorted(stamps) == [
        f"2026-01-05T00:0{second // 60}:{second % 60:02d}Z" for second in (40, 50, 60, 70)
    ]


def test_a_second_loop_is_refused(tmp_path):
    with (
        hand_loop(tmp_path, Script()),
        pytest.raises(LockedError, match="trade_events"),
        hand_loop(tmp_path, Script()),
    ):
        pass


def test_decisions_of_another_kind_are_refused(tmp_path):
    with hand_loop(tmp_path, Script()) as (loop, feed):
        feed.give(40, 100.0)
        loop.step()

    class Rules(Script):
        name = "rules"

    with pytest.raises(MixedDecisionsError), hand_loop(tmp_path, Rules()):
        pass


def test_an_order_expires_by_the_monotonic_clock_though_the_wall_clock_was_set_back(tmp_path):
    class SetBack(SetClock):
        passed = 0.0

        def monotonic(self):
            return self.passed

    clock = SetBack(at_us(0))
    feed = HandFeed(clock, [0, 10, 20, 30])
    with hand_loop(tmp_path, Script(enter()), feed=feed, clock=clock) as (loop, _):
        feed.give(40, 100.0)
        loop.step()
        clock.passed = 20.5
        feed.give(50, 100.0)  # by its stamp it would be in time
        assert [(event.kind, event.reason) for event in loop.step().events] == [("void", "expired")]
