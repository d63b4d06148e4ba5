"""A feed that stands still, one chart of two, rows of a wrong clock: the live loop over a real folder (docs/guarantees.md, L9–L11)."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from lib.contract.quality import REMEDIES
from lib.market.terms import DEFAULT_TERMS
from runner.trade.events import Event, EventLog, read_events
from runner.trade.feed import LiveFeed
from runner.trade.live import Watchman, open_loop
from tests.runner.trade.made import Script, at_us, enter, log_rows, settings
from tests.runner.trade.test_feed import Folder, TwoClocks, row

YEARS = 2_000_000_000  #: seconds: the clock of 2089


class Scene:
    """A loop over a folder, beat by beat; both clocks go on by ten seconds a beat."""

    def __init__(self, folder: Folder, clock: TwoClocks, watchman: Watchman, told: list) -> None:
        self.folder, self.clock, self.watchman, self.told = folder, clock, watchman, told
        self.second = 0

    @property
    def book(self):
        return self.watchman.loop.book

    def beat(self, *rows: str, only: str = ""):
        """Ten seconds on; what the tick was, if there was one."""
        self.second += 10
        self.clock.wait(10)
        self.folder.add(*(rows or [row(self.second)]), only=only)
        return self.watchman.step()

    def errors(self) -> list[str]:
        return [text for kind, text in self.told if kind == "error"]


@contextmanager
def scene(tmp_path, *answers, events=(), **chosen):
    folder, clock, told = Folder(tmp_path), TwoClocks(at_us(0)), []
    folder.add(row(0))
    if events:
        with EventLog(tmp_path) as log:
            for event in events:
                log.append(event)
    feed = LiveFeed(tmp_path, clock)
    with open_loop(
        tmp_path,
        settings(**chosen),
        Script(*answers),
        lambda kind, text: told.append((kind, text)),
        clock,
        feed,
        terms=DEFAULT_TERMS,
    ) as loop:
        yield Scene(folder, clock, Watchman(tmp_path, loop), told)


@contextmanager
def holding(tmp_path, **chosen):
    """A scene with a long position from the second beat on, at second 20."""
    with scene(tmp_path, enter(), **chosen) as played:
        played.beat()
        played.beat()
        assert played.book.held is not None
        yield played


def reasons(folder) -> list[str]:
    return [event.reason for event in read_events(folder) if event.kind == "exit"]


def test_a_feed_that_stops_marked_frozen_is_silence(tmp_path):
    with holding(tmp_path) as played:
        for _ in range(6):
            played.beat(row(played.second + 10, "97.0", quality="frozen"))
            assert played.book.held is not None  # a price that nobody vouches for reaches no stop
        assert not any("had no price" in text for text in played.errors())
        played.beat(row(played.second + 10, "97.0", quality="frozen"))
        assert (
            sum(
                "had no price for 60 s; it is closed at the next one, unless the prices of that time still come"
                in text
                for text in played.errors()
            )
            == 1
        )
        played.beat(row(100, "97.5"))
        assert played.book.held is None
        assert sum(text.startswith("over: a position") for text in played.errors()) == 1
    found = log_rows(tmp_path, "claude_decisions.csv")[0]
    assert (found["exit_reason"], found["exit_time"]) == ("DATA_LOSS", "2026-01-05T00:01:40Z")
    assert float(found["exit_price"]) == pytest.approx(97.5 * 0.9999)


def test_prices_that_come_late_are_no_gap(tmp_path):
    """A collector whose disk was full writes what it has read all the same: what those prices would have done is done."""
    with holding(tmp_path) as played:
        at = played.second
        for _ in range(8):
            played.beat(row(at))  # the same row again: nothing new comes
        assert any("unless the prices of that time still come" in text for text in played.errors())
        played.beat(*(row(second) for second in range(at + 10, at + 91, 10)))
        assert played.book.held is not None
        assert sum(text.startswith("over: a position") for text in played.errors()) == 1
        played.beat(row(played.second + 10, "90.0"))
    assert reasons(tmp_path) == ["SL_HIT"]


def test_rows_that_repeat_without_a_mark_are_silence_too(tmp_path):
    with holding(tmp_path) as played:
        outcomes = [played.beat(row(second, line="99.002")).outcome for second in range(30, 91, 10)]
        assert outcomes[-2:] == ["frozen", "frozen"]
        assert any("had no price" in text for text in played.errors())
        played.beat(row(100, line="99.002"))
        assert played.book.held is not None
        played.beat(row(110, "100.01"))
    assert reasons(tmp_path) == ["DATA_LOSS"]


@pytest.mark.parametrize("silent", ["5min", "15min"])
@pytest.mark.parametrize("how", ["nothing", "frozen", "repeats"])
def test_one_silent_chart_closes_no_position_while_the_other_tells_prices(tmp_path, silent, how):
    other = "15min" if silent == "5min" else "5min"
    with holding(tmp_path) as played:
        for second in range(30, 201, 10):
            written = {
                "nothing": [],
                "frozen": [row(second, line="99.002", quality="frozen")],
                "repeats": [row(second, line="99.002")],
            }[how]
            if written:
                played.folder.add(*written, only=silent)
            played.beat(row(second, f"{100 + second / 1e4}"), only=other)
        assert played.book.held is not None
        assert not any("had no price" in text for text in played.errors())
        for second in range(210, 250, 10):
            played.beat(row(second, "99.0"), only=other)
        assert played.book.held is None  # and its price reaches the stop
    assert reasons(tmp_path) == ["SL_HIT"]


def test_a_row_of_a_wrong_clock_closes_no_position_and_leaves_no_time_in_the_future(tmp_path):
    with holding(tmp_path, rails={"cooldown_minutes": 5}) as played:
        assert played.beat(row(30), row(YEARS, "97.0")).outcome == "ahead"
        assert played.book.held is not None
        assert any("set the clock" in text for text in played.errors())
        played.beat()
        played.beat(row(50, "99.0"))
        assert played.book.held is None
        assert all(event.at <= played.clock.at_us for event in read_events(tmp_path))
    assert reasons(tmp_path) == ["SL_HIT"]


def test_rows_of_a_wrong_clock_alone_are_silence(tmp_path):
    with holding(tmp_path) as played:
        for _ in range(8):
            assert played.beat(row(played.second + YEARS, "97.0")).outcome == "ahead"
        assert played.book.held is not None
        assert any("had no price" in text for text in played.errors())
        assert sum("ahead" in text for text in played.errors()) == 2  # one a chart, once
        played.beat(row(110, "99.9"))
    assert reasons(tmp_path) == ["DATA_LOSS"]
    assert read_events(tmp_path)[-1].at == at_us(110)


def test_an_exit_is_never_later_than_the_clock(tmp_path):
    with holding(tmp_path) as played:
        played.beat(row(34, "99.0"))  # four seconds ahead: taken
        assert read_events(tmp_path)[-1].at == played.clock.at_us == at_us(30)


def damaged(second: float = YEARS) -> list[Event]:
    """The log of a version that closed a position at a row of a wrong clock."""
    exits = {"stop_pct": 0.15, "target_pct": 0.3, "hold_minutes": 45.0}
    begun = at_us(-7_200)
    return [
        Event("open", begun, price=1_000.0),
        Event("order", begun, "a", "LONG", notional=100.0, valid_until=begun + 20, **exits),
        Event("fill", begun + 10, "a", "LONG", size=1.0, price=100.0, **exits),
        Event("exit", at_us(second), "a", "LONG", size=1.0, price=97.0, reason="DATA_LOSS"),
    ]


def test_an_exit_of_2089_in_the_log_blocks_nobody(tmp_path):
    chosen = {"rails": {"cooldown_minutes": 5, "max_daily_loss_pct": 50}}
    with scene(tmp_path, enter(), events=damaged(), **chosen) as played:
        assert played.beat().outcome == "asked"
        played.beat()
        assert played.book.held is not None
    with scene(tmp_path, events=(), **chosen) as played:
        assert played.book.closed[-1].at <= at_us(0)


def test_a_decision_of_2089_silences_no_gate(tmp_path):
    chosen = {"gate": {"every_minutes": 0.001, "least_seconds": 0}}
    with scene(tmp_path, enter(), **chosen) as played:
        played.beat()
    path = tmp_path / "claude_decisions.csv"
    path.write_text(path.read_text().replace("2026-01-05T00:00:10Z", "2089-01-05T00:00:10Z", 1))
    with scene(tmp_path, enter(), **chosen) as played:
        played.second = 10
        played.clock.wait(10)
        outcomes = [played.beat().outcome for _ in range(3)]
    assert "asked" in outcomes


def test_what_a_chart_is_worth_is_told_once_a_change_and_with_what_helps(tmp_path):
    with scene(tmp_path) as played:
        for quality in ("venue_mismatch",) * 5 + ("partial",) * 8 + ("ok",) * 8:
            second = played.second + 10
            played.folder.add(row(second, quality=quality), only="15min")
            played.beat(row(second), only="5min")
    assert played.errors() == [
        f"the 15min chart: venue mismatch, no entry is made. {REMEDIES['venue_mismatch']}",
        f"the 15min chart: partial, no entry is made. {REMEDIES['partial']}",
        "over: the 15min chart is no longer partial",
    ]


def test_a_chart_that_flaps_is_told_once(tmp_path):
    with scene(tmp_path) as played:
        for beat in range(60):
            played.beat(row(played.second + 10, quality="partial" if beat % 3 else "ok"))
    assert len(played.errors()) == 2  # one a chart


def test_a_clock_that_is_set_forward_ends_no_cooldown(tmp_path):
    with holding(tmp_path, rails={"cooldown_minutes": 5}) as played:
        played.watchman.loop.caller.decider.answers = [enter()] * 40
        played.beat(row(played.second + 10, "99.0"))
        assert played.book.held is None
        played.clock.at_us += 3_600_000_000
        played.second += 3_600
        outcomes = [played.beat().outcome for _ in range(30)]
    assert outcomes == ["rail"] * 29 + ["asked"]  # 300 s of a clock that nobody set


def test_a_clock_that_is_set_back_neither_fills_a_resting_order_later_nor_lengthens_a_cooldown_for_long(
    tmp_path,
):
    with scene(tmp_path, enter()) as played:
        played.beat()
        assert played.book.order is not None
        played.clock.at_us -= 3_600_000_000
        played.second -= 3_600
        for _ in range(8):
            played.beat()
        assert played.book.held is None
        assert played.book.order is None
    assert [event.kind for event in read_events(tmp_path)] == ["open", "order", "void"]


def set_clock(played: Scene, seconds: int) -> None:
    """Somebody sets the wall clock; the steady one goes on."""
    played.clock.at_us += seconds * 1_000_000


@pytest.mark.parametrize("later", [0, 3])
def test_a_clock_that_is_set_forward_ends_no_position(tmp_path, caplog, later):
    """The rows go over to the new clock at once, or three beats later as the collector's do; stop, age and hold count all along."""
    with holding(tmp_path) as played:
        set_clock(played, 3_600)
        for _ in range(later):
            assert played.beat().outcome != "stale"
            assert played.watchman.loop.feed.price_age_s() < 1
        played.second += 3_600
        for _ in range(12):
            assert played.beat().outcome != "stale"
            assert played.book.held is not None
        assert played.errors() == []
        assert sum("set forward by 3600 s" in record.message for record in caplog.records) == 1
        played.beat(row(played.second + 10, "99.0"))
        assert played.book.held is None
    assert reasons(tmp_path) == ["SL_HIT"]


def test_a_stop_is_reached_between_a_clock_that_is_set_and_the_rows_that_follow(tmp_path):
    with holding(tmp_path) as played:
        set_clock(played, 3_600)
        played.beat(row(played.second + 10, "99.0"))
    assert reasons(tmp_path) == ["SL_HIT"]


@pytest.mark.parametrize(("silent", "reason"), [(50, ""), (60, "DATA_LOSS")])
def test_silence_around_a_clock_that_is_set_forward_is_as_long_as_it_was(tmp_path, silent, reason):
    with holding(tmp_path) as played:
        set_clock(played, 3_600)
        for _ in range(silent // 10):
            played.second += 10
            played.clock.wait(10)
            played.watchman.step()
        played.second += 3_600
        played.beat()
        assert (played.book.held is None) == bool(reason)
    assert reasons(tmp_path) == ([reason] if reason else [])


def test_rows_that_came_while_nobody_looked_are_no_silence_though_the_clock_was_set(tmp_path):
    with holding(tmp_path) as played:
        played.folder.add(row(30), row(40), row(50))
        set_clock(played, 3_600)
        played.clock.wait(90)
        played.folder.add(*(row(3_600 + second) for second in range(60, 120, 10)))
        played.watchman.step()
        assert played.book.held is not None


def test_a_hold_ends_after_the_time_that_passed(tmp_path):
    with holding(tmp_path) as played:
        set_clock(played, 3_600)
        played.second += 3_600
        beats = 0
        while played.book.held is not None:
            played.beat()
            beats += 1
    assert reasons(tmp_path) == ["TIME_EXIT"]
    assert beats * 10 == 3_000 - 20  # 45 minutes, and on to the next 5-minute close


def test_a_clock_that_is_set_forward_and_back_again_leaves_the_hold_as_it_was(tmp_path):
    with holding(tmp_path) as played:
        before = played.book.watched().time_exit_at
        set_clock(played, 3_600)
        played.beat()
        assert played.book.watched().time_exit_at == before + 3_600_000_000
        set_clock(played, -3_600)
        played.beat()
        assert played.book.watched().time_exit_at == before


def test_a_machine_that_slept_lost_the_prices_of_that_time(tmp_path):
    """The steady clock goes on while it sleeps, so that both clocks agree: no clock was set."""
    with holding(tmp_path) as played:
        played.clock.wait(3_600)
        played.second += 3_600
        assert played.watchman.step().outcome == "stale"
        assert any("had no price" in text for text in played.errors())
        played.beat()
    assert reasons(tmp_path) == ["DATA_LOSS"]
