"""What is known of the market at a beat: the exchange is asked where it must be, the stream is listened to, and both are judged.

Asked is once a minute, for the minute that closed, and wherever the stream tells nothing new. A stream is believed while what it told last
is the newest that is known; one that stays behind what the exchange answers is made anew. A refusal leaves no row. A beat at which nothing
moved for a minute leaves one that is `frozen`, as of a chart.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from lib.contract.dollars import plain_number
from lib.market.ribbon import FROZEN_SECONDS
from runner.fetch.exchange_clock import CLOCKS_APART_S
from runner.venue_feed.minutes import AHEAD_S, LENGTH_S, Minute, MinuteTable
from runner.venue_feed.stream import Pushed, StreamTold
from runner.venue_feed.words import FeedFault, FeedRefusal

#: What the stream told longer ago is not the price now, seconds.
FRESH_S = 10.0
#: So many answers in a row may know more than the stream before it is made anew.
_BEHIND = 3
#: A minute that still changes so long after its end comes late, seconds.
_LATE_S = 5.0
#: Pauses before an exchange that refuses is asked again, seconds.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 60.0, 600.0
#: How often a market that stands still is looked up in the exchange's list, seconds.
_LISTED_S = 600.0


class VenueSource(Protocol):
    """Where a feed comes from: runner.venue_feed.live.LiveVenue, or a simulated one."""

    @property
    def decimals(self) -> int:
        """Decimals of a price, as far as the exchange tells them."""

    def minutes(self, since: float) -> list[Minute]:
        """The minutes from `since` (seconds since 1970) to the running one; raises FeedFault."""

    def clock_off(self) -> tuple[float, float] | None:
        """Seconds this machine's clock is ahead of the exchange's, and how far off that may be; raises FeedFault."""

    def traded(self) -> bool:
        """Whether the market is listed and traded; raises FeedFault."""

    @property
    def streams(self) -> bool:
        """Whether there is a stream beside the answers."""

    @property
    def told(self) -> StreamTold:
        """What there is to say of the stream."""

    def pushed(self) -> Pushed | None:
        """What the stream told last; None without one."""

    def renew(self) -> None:
        """Make the stream anew."""


class Look(NamedTuple):
    """The market at a beat: the price in quote currency, and whether it stood still for a minute."""

    price: float
    frozen: bool


@dataclass
class Feed:
    """The looks at one market. `closed` gathers the minutes that closed until somebody takes them."""

    source: VenueSource
    table: MinuteTable
    closed: list[Minute] = field(default_factory=list)
    fault: FeedFault | None = None  #: why the exchange could not be asked last
    clock_off_s: float = 0.0
    renewals: int = 0
    asked: Counter[str] = field(default_factory=Counter)  #: answers and faults
    _compared: bool = False  # the clocks, since the start
    _clock_wrong: bool = False
    _missed: bool = False  #: whether nothing told a price since the last answer
    _pause_s: float = 0.0
    _ask_again: float = float("-inf")
    _behind: int = 0
    _key: tuple[float, ...] | None = None
    _changed: float = 0.0
    _looked: float = float("inf")
    _lagging: bool = False
    _dropped: bool = False
    _listed: float = float("-inf")

    def look(self, wall: float, steady: float, closing: bool) -> Look | FeedRefusal:
        """The market at `wall` (seconds since 1970) and `steady`; `closing`: a minute has just ended, and is asked for."""
        if closing or (not self._compared and steady >= self._ask_again):
            self._compare_clocks()
        if self._clock_wrong:
            return FeedRefusal("clock", f"{self.clock_off_s:+.1f} s")
        now = wall - self.clock_off_s
        pushed = self.source.pushed()
        # A new connection may begin with what was long ago.
        recent = [each for each in pushed.minutes if each.ended > now - 2 * LENGTH_S] if pushed else []
        odd = self.table.take(recent, now)
        price = self._pushed_price(pushed, now)
        if price is not None:
            self._behind = 0
        # After a pause the stream may be back before the minutes that it missed are known: they come first, as samples only grow.
        if closing or price is None or self._missed:
            before = self.table.newest
            odd |= self._ask(now, steady)
            if self.fault is None and price is None and self.source.streams:
                self._judge_stream(before)
        newest = self.table.newest
        if self.fault is not None and price is None:
            self._missed = True
            return FeedRefusal(self.fault.reason, self.fault.detail)
        if newest is None:
            return FeedRefusal("implausible" if odd else "no_price")
        until = float(newest.ended)
        if price is None or (closing and self.fault is None):
            price = newest.close
        elif pushed is not None and pushed.trade is not None:
            until = max(until, pushed.trade[0])
        return self._judged((price, *newest[1:]), until, odd, now, steady)

    def _compare_clocks(self) -> None:
        try:
            found = self.source.clock_off()
        except FeedFault:
            return  # whoever asks for minutes hears it, too
        self._compared = True
        if found is not None:
            off, unsure = found
            self._clock_wrong = abs(off) - unsure > CLOCKS_APART_S
            # What cannot be told apart from the way of the answer is no difference.
            self.clock_off_s = off if abs(off) > unsure else 0.0

    def _pushed_price(self, pushed: Pushed | None, now: float) -> float | None:
        """The price the stream tells, where it is the newest that is known; None where the exchange must be asked."""
        newest = self.table.newest
        if pushed is None or pushed.age_s > FRESH_S or newest is None:
            return None
        if pushed.minutes:
            current = (
                newest.ended >= now - FRESH_S - _LATE_S
            )  # a new connection may begin with what was long ago
            return newest.close if current and pushed.minutes[-1] == newest else None
        if (
            pushed.trade is None
            or pushed.trade[0] > now + AHEAD_S  # as of a minute: its time cannot have been
            or now - pushed.trade[0] > FRESH_S + _LATE_S
            or pushed.trade[0] < newest.opened
        ):
            return None
        return pushed.trade[1] if 0.5 < pushed.trade[1] / newest.close < 2.0 else None

    def _ask(self, now: float, steady: float) -> bool:
        """Ask for the minutes since the last that closed; whether one of them was set aside as implausible."""
        if steady < self._ask_again:
            return False
        newest = self.table.newest
        since = self.table.given or (newest.opened if newest else now // LENGTH_S * LENGTH_S - 20 * LENGTH_S)
        for _ in range(2):
            try:
                rows = self.source.minutes(since - 2 * LENGTH_S)
            except FeedFault as fault:
                self._pause(fault, steady)
                return False
            self.fault, self._pause_s, self._missed = None, 0.0, False
            self.asked["answers"] += 1
            odd = self.table.take(rows, now)
            if not self._is_older(rows, newest):  # an older copy ends no minute
                self.closed += self.table.close()
                break  # else another machine there may know more
        return odd

    def _is_older(self, rows: list[Minute], known: Minute | None) -> bool:
        """Whether an answer tells less than what was `known` before it."""
        if known is None or not rows:
            return known is not None
        last = max(rows)
        return last.opened < known.opened or (
            last.opened == known.opened and last != known == self.table.newest
        )

    def _pause(self, fault: FeedFault, steady: float) -> None:
        self.fault = fault
        self.asked[fault.reason] += 1
        if fault.passes and fault.reason != "rate":
            return  # asked again at the next beat
        self._pause_s = min(max(2 * self._pause_s, _FIRST_PAUSE_S), _LONGEST_PAUSE_S)
        self._ask_again = steady + (self._pause_s if fault.reason == "rate" else _FIRST_PAUSE_S) - 1.0

    def _judge_stream(self, before: Minute | None) -> None:
        """Make the stream anew where answers know more than it, time after time: it is silent, or its cache stands still."""
        newest = self.table.newest
        traded = newest is not None and newest.volume > 0 and newest != before  # else quiet is the market
        self._behind += traded
        if self._behind >= _BEHIND:
            self._behind = 0
            self.renewals += 1
            self.source.renew()

    def _judged(
        self, key: tuple[float, ...], until: float, odd: bool, now: float, steady: float
    ) -> Look | FeedRefusal:
        """The look, or why there is none. `key`: the price and the newest minute's values; `until`: the end of what they tell of."""
        if self._key is None:
            self._changed = steady - max(now - until, 0.0)
        elif key != self._key:
            self._changed = steady
            self._lagging = self._looked >= until + _LATE_S
        self._key, self._looked = key, now
        frozen = steady - self._changed >= FROZEN_SECONDS
        self._lagging &= not frozen and now - until > _LATE_S
        self._look_up(steady)
        if self._dropped:
            return FeedRefusal("not_traded")
        if odd:
            return FeedRefusal("implausible", f"after {plain_number(key[0], 10)}")
        if self._lagging:
            return FeedRefusal("lagging", f"by {now - until:.0f} s or more")
        return Look(key[0], frozen)

    def _look_up(self, steady: float) -> None:
        """Whether the market is still traded, where it stood still for long."""
        if steady - self._changed < _LISTED_S:
            self._dropped = False
        elif steady - self._listed >= _LISTED_S:
            self._listed = steady
            try:
                self._dropped = not self.source.traded()
            except FeedFault:
                return
