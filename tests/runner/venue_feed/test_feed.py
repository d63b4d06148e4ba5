"""A look at the market: when it is asked, whom it believes, and the word for each fault."""

from __future__ import annotations

import pytest

from runner.fetch.causes import CAUSES
from runner.venue_feed.feed import Feed, Look
from runner.venue_feed.minutes import Minute, MinuteTable
from runner.venue_feed.stream import Pushed
from runner.venue_feed.words import REMEDIES, FeedRefusal
from tests.chart_page.market import PageMarket
from tests.runner.collect.clocks import HandClock
from tests.runner.venue_feed.paper_venue import PaperVenue

START = 1_767_571_200.0


class Watch:
    """A feed over a paper venue; `beats` looks every ten seconds as the collector does."""

    def __init__(self, **switches: object) -> None:
        self.clock = HandClock(START + 0.5)
        self.venue = PaperVenue(PageMarket.fresh(START, hours=3.0), self.clock)
        for name, value in switches.items():
            setattr(self.venue, name, value)
        self.feed = Feed(self.venue, MinuteTable())
        self._minute = int(START // 60)

    def look(self, after_s: float = 10.0) -> Look | FeedRefusal:
        self.clock.pass_by(after_s)
        minute = int(self.clock.wall() // 60)
        closing, self._minute = minute > self._minute, minute
        if closing:
            self.clock.pass_by(1.0)
            after = self.feed.look(self.clock.wall(), self.clock.steady(), True)
            self.clock.pass_by(-1.0)
            return after
        return self.feed.look(self.clock.wall(), self.clock.steady(), False)

    def beats(self, number: int) -> list[Look | FeedRefusal]:
        return [self.look() for _ in range(number)]

    def words(self, number: int) -> list[str]:
        """By beat the refusal's word, "frozen", or "ok"."""
        return [
            each.reason if isinstance(each, FeedRefusal) else "frozen" if each.frozen else "ok"
            for each in self.beats(number)
        ]


def test_with_a_stream_it_is_asked_once_a_minute():
    watch = Watch()
    assert watch.words(1 + 36) == ["ok"] * 37
    assert watch.venue.requests == 6
    assert watch.feed.asked == {"answers": 6}


def test_without_one_at_every_beat():
    watch = Watch(stream="none")
    assert watch.words(36) == ["ok"] * 36
    assert watch.venue.requests == 36
    assert watch.venue.renewals == 0


def test_the_price_is_that_of_the_market():
    watch = Watch()
    watch.beats(3)
    found = watch.look()
    assert isinstance(found, Look)
    assert found.price == watch.venue.market.candle_at(watch.clock.wall(), 1).close


def test_each_minute_is_told_once_as_closed():
    watch = Watch()
    watch.beats(60)
    opens = [each.opened for each in watch.feed.closed]
    assert opens == list(range(int(START), int(START) + 600, 60))


@pytest.mark.parametrize("stream", ["silent", "stuck"])
def test_a_stream_that_goes_silent_or_stands_still_without_an_error_is_made_anew(stream):
    watch = Watch()
    watch.beats(12)
    watch.venue.stream = stream
    assert watch.words(30) == ["ok"] * 30  # asked in its place: no beat is lost
    assert watch.venue.renewals >= 1


def test_a_quiet_market_is_no_silent_stream():
    watch = Watch()
    watch.beats(6)
    watch.venue.as_of = lambda now: min(now, START + 70)
    words = watch.words(30)
    assert words[-1] == "frozen"
    assert watch.venue.renewals == 0


def test_a_market_that_stands_still_is_frozen_after_a_minute_and_until_it_moves():
    watch = Watch()
    watch.beats(6)
    watch.venue.as_of = lambda now: min(now, START + 65)
    words = watch.words(20)
    assert words.index("frozen") in (6, 7, 8)
    assert set(words) == {"ok", "frozen"}
    watch.venue.as_of = lambda now: now
    assert watch.words(6) == ["ok"] * 6


@pytest.mark.parametrize("stream", ["well", "none"])
def test_an_exchange_that_lags_leaves_no_sample(stream):
    watch = Watch(stream=stream)
    watch.beats(30)
    watch.venue.as_of = lambda now: now - 200
    words = watch.words(40)
    assert set(words[6:26]) <= {"frozen", "lagging"}  # what it tells is older than what it told before
    assert words[26:] == ["lagging"] * 14
    watch.venue.as_of = lambda now: now
    watch.beats(1)
    assert watch.words(10) == ["ok"] * 10


@pytest.mark.parametrize(
    ("stamped", "price", "taken"),
    [
        (-2.0, 1.01, True),
        (2.0, 1.01, True),  # clocks differ a little
        (3_600.0, 1.01, False),
        (-60.0, 1.01, False),
        (-2.0, float("nan"), False),
        (-2.0, 0.0, False),
        (-2.0, -1.0, False),
        (-2.0, 3.0, False),
    ],
)
def test_a_trade_that_cannot_be_one_of_now_is_no_price(stamped, price, taken):
    watch = Watch(stream="none")
    watch.beats(7)
    told = watch.feed.table.newest.close
    requests = watch.venue.requests
    watch.venue.pushed = lambda: Pushed((), (watch.clock.wall() + stamped, told * price), 0.1)
    found = watch.look()
    assert isinstance(found, Look)
    true = watch.venue.market.candle_at(watch.clock.wall(), 1).close
    assert (found.price, watch.venue.requests) == (
        (told * price, requests) if taken else (true, requests + 1)
    )


def test_a_price_that_jumps_to_twice_as_much_is_refused_and_what_is_known_stays():
    watch = Watch()
    watch.beats(6)

    def double(rows: list[Minute], now: float) -> list[Minute]:
        return [Minute(each.opened, *(2.5 * value for value in each[1:5]), each.volume) for each in rows]

    watch.venue.change = double
    assert set(watch.words(6)) == {"implausible"}
    watch.venue.change = lambda rows, now: rows
    assert watch.words(6) == ["ok"] * 6


def test_answers_that_jump_back_in_time_change_nothing():
    watch = Watch(stream="none")
    watch.beats(12)
    turn = iter(range(1_000))
    watch.venue.as_of = lambda now: now - 90 * (next(turn) % 2)
    words = watch.words(24)
    assert set(words) == {"ok"}
    watch.venue.as_of = lambda now: now
    watch.beats(12)
    opens = [each.opened for each in watch.feed.closed]
    assert opens == sorted(set(opens))


@pytest.mark.parametrize("cause", sorted(CAUSES))
def test_every_cause_has_its_word_and_remedy_and_a_stream_carries_on(cause):
    alone, streamed = Watch(stream="none"), Watch()
    for watch in (alone, streamed):
        watch.beats(2)
        watch.venue.fault = cause
    refusals = alone.beats(4)
    assert {each.reason for each in refusals} == {cause}
    assert refusals[0].remedy
    assert streamed.words(12) == ["ok"] * 12
    assert streamed.feed.fault.reason == cause
    alone.venue.fault = ""
    assert alone.words(62)[-1] == "ok"


def test_an_exchange_that_is_down_is_asked_at_each_beat_and_one_that_bans_ever_more_seldom():
    down, banned = Watch(stream="none", fault="down"), Watch(stream="none", fault="rate")
    refused = Watch(stream="none", fault="country")
    for watch in (down, banned, refused):
        watch.beats(360)
    assert down.venue.requests == 360
    assert banned.venue.requests < 12
    assert refused.venue.requests == 60


def test_what_was_missed_is_told_when_it_answers_again():
    watch = Watch(stream="none")
    watch.beats(12)
    watch.venue.fault = "down"
    assert set(watch.words(60)) == {"down"}
    watch.venue.fault = ""
    watch.beats(6)
    opens = [each.opened for each in watch.feed.closed]
    assert opens == list(range(opens[0], opens[0] + 60 * len(opens), 60))


@pytest.mark.parametrize("off", [-2.5, 2.5, 3_600.0])
def test_a_clock_that_is_wrong_leaves_no_sample_until_it_is_right(off):
    watch = Watch()
    watch.beats(6)
    watch.venue.ahead_s = off
    words = watch.words(12)
    assert set(words[6:]) == {"clock"}
    watch.venue.ahead_s = 0.0
    assert watch.words(12)[6:] == ["ok"] * 6


@pytest.mark.parametrize("off", [-90.0, 90.0])
def test_a_clock_that_is_wrong_from_the_start_leaves_not_one_sample(off):
    watch = Watch(ahead_s=off)
    assert set(watch.words(12)) == {"clock"}


def test_clocks_that_differ_by_less_than_two_seconds_do_not_matter():
    watch = Watch(ahead_s=1.5)
    assert watch.words(30) == ["ok"] * 30
    assert watch.feed.clock_off_s == pytest.approx(1.5)


def test_a_market_that_is_no_longer_traded_is_said_to_be():
    watch = Watch()
    watch.beats(6)
    watch.venue.as_of = lambda now: min(now, START + 70)
    watch.venue.listed = False
    words = watch.words(80)
    assert words[20] == "frozen" and words[-1] == "not_traded"
    watch.venue.as_of = lambda now: now
    assert watch.words(3)[-1] == "ok"


def test_an_exchange_without_a_minute_has_no_price():
    watch = Watch(stream="none", change=lambda rows, now: [])
    assert watch.words(2) == ["no_price"] * 2


def test_own_words_and_causes_do_not_mix():
    assert not set(REMEDIES) & set(CAUSES)


def test_what_a_new_stream_repeats_of_yesterday_is_no_price():
    watch = Watch()
    yesterday = Minute(int(START) - 86_400, 999.0, 999.0, 999.0, 999.0, 1.0)
    watch.venue.stream, watch.venue.stuck = "stuck", Pushed((yesterday,), None, 0.3)
    watch.venue._stuck_at = watch.venue.now() + 10.0
    found = watch.look()
    assert isinstance(found, Look)
    assert found.price == watch.venue.market.candle_at(watch.clock.wall(), 1).close


def test_a_trade_of_the_next_minute_is_no_price():
    watch = Watch()
    watch.look()
    ahead = Pushed((), (watch.venue.now() + 40.0, 1.5 * watch.feed.table.newest.close), 0.3)
    watch.venue.stream, watch.venue.stuck = "stuck", ahead
    watch.venue._stuck_at = watch.venue.now() + 10.0
    found = watch.look()
    assert isinstance(found, Look)
    assert found.price == watch.venue.market.candle_at(watch.clock.wall(), 1).close
