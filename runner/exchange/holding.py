"""What is held: stop and target rest at the exchange from the entry on; whatever else ends it is a market order that only reduces.

A look asks the venue what is held and makes good what differs: exits are moved to their distance from the fill, a position without a stop
is closed at once and the account halted, one that is gone gets its exit from the executions. Nothing here ever cancels a stop: the venue
drops it with the position, so that it rests until the exit is known.
"""

from __future__ import annotations

import numpy as np

from lib.market.rules import OPPOSITE_STATE
from runner.errors import ExchangeError, VenueRefused, VenueUnknown, WriteFailedError
from runner.exchange.desk import NO_STOP, VENUE, Desk
from runner.exchange.entry import rule_of
from runner.exchange.models import EXIT_SIDE, FORCED, Execution, VenuePosition, exact, order_id
from runner.trade.events import Event
from runner.trade.known import MarketTables

#: Tries to move stop and target; those of the entry rest meanwhile.
_MOVES = 3
#: Seconds until a position that is gone without executions that explain it is a disagreement.
_EXPLAINED_WITHIN_S = 60.0
_UNSTOPPED = "OTHER"
_REASONS = {"StopLoss": "SL_HIT", "TakeProfit": "TP_HIT"}


class Holding:
    """Watches the one position."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._forget()
        self._begun_with = desk.book.held  #: what an earlier run left, until its exits are seen
        if desk.book.leaving:  # a try to leave may have been sent just before this start
            self._unknown_tries, self._tried_at = True, desk.clock.monotonic()

    def _forget(self) -> None:
        self._moves, self._attempt, self._out = 0, 0, False
        self._unstopped = self._unknown_tries = self._in_place = False
        self._tried_at = float("-inf")
        self._gone_since: float | None = None
        self._told_of = 0.0  #: of the position, what somebody else closed and a person was told of

    def look(self, known: MarketTables | None, killed: bool) -> None:
        """Ask the venue, and do what is due. Raises VenueRefused or VenueUnknown where it does not tell."""
        desk, fill = self.desk, self.desk.book.held
        assert fill is not None
        held = desk.venue.position()
        if not held.size:
            self._end(fill)
            return
        too_large = held.size > fill.size and not desk.market.same_size(held.size, fill.size)
        if held.direction != fill.direction or too_large:
            desk.halt(
                VENUE, f"the exchange holds {held.direction} {exact(held.size)}, the book {exact(fill.size)}"
            )
            return
        self._secure(fill, held)
        if not desk.book.leaving and (reason := self._due(fill, known)):
            desk.book.record(Event("leave", desk.clock.now_us(), fill.decision_id, reason=reason))
        if self._unstopped or (desk.book.leaving and not killed):
            self._leave(fill, held)
        elif not desk.market.same_size(fill.size - held.size, self._told_of):
            self._tell_of_part(fill, held)

    def closed_since(self, fill: Event) -> float:
        """How much of the position the executions say is closed already."""
        return sum(each.size for each in self._since_entry(fill)[0])

    def _tell_of_part(self, fill: Event, held: VenuePosition) -> None:
        """Once a part: that somebody else closed it. What a stop, a target or this loop closes piece by piece is none."""
        desk, ours = self.desk, order_id(fill.decision_id, "x")
        others = [
            each
            for each in self._since_entry(fill)[0]
            if each.cause not in _REASONS and not each.order_id.startswith(ours)
        ]
        closed = sum(each.size for each in others)
        if not desk.market.same_size(closed, self._told_of):
            self._told_of = closed
            forced = next((f", as it {FORCED[each.cause]}" for each in others if each.cause in FORCED), "")
            desk.tell(
                "error",
                f"{exact(closed)} of {exact(fill.size)} {desk.market.symbol} were closed at the exchange{forced}, and not by this loop: "
                f"{exact(held.size)} stay open with their stop and target. The trade counts in whole once all of it is closed",
            )

    def _secure(self, fill: Event, held: VenuePosition) -> None:
        desk = self.desk
        stop, target = desk.market.exits(fill.direction, fill.price, rule_of(fill))
        if (held.stop, held.target) == (float(stop), float(target)):
            self._unstopped, self._in_place, self._begun_with = False, True, None
            return
        stays = bool(held.stop) and self._moves >= _MOVES
        if self._in_place or fill is self._begun_with:
            where = f"stop {exact(held.stop)} and target {exact(held.target)} in place of {exact(float(stop))} and {exact(float(target))}"
            if self._in_place:
                done = "they stay there, as they were put back before" if stays else "they are put back"
                told = f"the exchange has {where}, which this loop did not set: {done}. Move neither by hand"
            else:
                told = f"at this start the exchange has {where}: they are put right. If you moved one by hand, move neither"
            self._in_place, self._begun_with = False, None
            desk.tell("error", told)
        if stays:
            return
        self._moves += 1
        try:
            desk.venue.set_exits(stop, target)
        except ExchangeError as error:
            desk.tell("error", f"stop and target could not be moved: {error}")
        if not held.stop and not self._has_stop():
            self._unstopped = True
            try:
                desk.halt(NO_STOP, "no stop can be placed at the exchange; the position is closed")
                if not desk.book.leaving:
                    desk.book.record(Event("leave", desk.clock.now_us(), fill.decision_id, reason=_UNSTOPPED))
            except WriteFailedError as error:  # the position is closed all the same
                desk.tell("error", f"no stop can be placed, and that cannot be written down: {error}")

    def _has_stop(self) -> bool:
        """Whether it is known that a stop rests, or nothing is held; not being told counts as no."""
        try:
            held = self.desk.venue.position()
        except ExchangeError:
            return False
        return not held.size or held.stop > 0

    def _due(self, fill: Event, known: MarketTables | None) -> str:
        """Why to leave now; by our clock, so that it is done in silence too."""
        trade = self.desk.book.watched(self.desk.watch.reverses)
        assert trade is not None
        if trade.reverses and known is not None:
            path, states = known.watched_since(fill.at)
            if np.any(states[path.sample_at > fill.at] == OPPOSITE_STATE[fill.direction]):
                return "RIBBON_REVERSAL"
        return "TIME_EXIT" if self.desk.clock.now_us() >= trade.time_exit_at else ""

    def _leave(self, fill: Event, held: VenuePosition) -> None:
        """One market order at a time; the next only when the one before has ended or cannot arrive any more."""
        desk = self.desk
        if not self._over(fill):
            return
        self._attempt += 1
        self._out, self._tried_at = True, desk.clock.monotonic()
        name = order_id(fill.decision_id, f"x{self._attempt}")
        try:
            desk.venue.leave(name, EXIT_SIDE[fill.direction], held.size)
        except VenueRefused as error:
            self._out = False
            desk.tell("error", f"the order to leave was refused: {error}")
        except VenueUnknown as error:
            desk.tell("error", f"nobody knows yet whether the order to leave was accepted: {error}")
        self._tried_at = desk.clock.monotonic()
        if not desk.venue.position().size:
            self._end(fill)

    def _over(self, fill: Event) -> bool:
        """Whether the newest try has ended. After a start the tries before are looked up one by one."""
        desk = self.desk
        if self._unknown_tries:
            while desk.venue.order(order_id(fill.decision_id, f"x{self._attempt + 1}")) is not None:
                self._attempt, self._out = self._attempt + 1, True
            self._unknown_tries = False
        if desk.venue.wire.busy:
            self._tried_at = desk.clock.monotonic()
        arrives = desk.clock.monotonic() - self._tried_at <= desk.arrives_within_s
        if not self._out:
            return not arrives or self._attempt > 0
        found = desk.venue.order(order_id(fill.decision_id, f"x{self._attempt}"))
        return not arrives if found is None else found.ended

    def _end(self, fill: Event) -> None:
        """Record the exit, once the executions explain it."""
        desk = self.desk
        closing, payments = self._since_entry(fill)
        size = sum(each.size for each in closing)
        if not closing or not desk.market.same_size(size, fill.size):
            now = desk.clock.monotonic()
            self._gone_since = now if self._gone_since is None else self._gone_since
            if now - self._gone_since > _EXPLAINED_WITHIN_S:
                desk.halt(
                    VENUE,
                    f"the position is gone, and executions of {exact(size)} of {exact(fill.size)} explain it",
                )
            return
        if self._unstopped:  # the disk may not have taken it before
            desk.halt(NO_STOP, "no stop could be placed at the exchange; the position is closed")
        desk.record(
            Event(
                "exit",
                max(desk.at(closing[-1].at_ms), fill.at + 1),
                fill.decision_id,
                fill.direction,
                fill.size,
                price=sum(each.size * each.price for each in closing) / size,
                fee=sum(each.fee for each in closing + payments),
                reason=self._reason(fill, closing[-1]),
            )
        )
        self._forget()

    def _since_entry(self, fill: Event) -> tuple[list[Execution], list[Execution]]:
        """The executions that closed, and the payments, after the last one of the entry."""
        desk, entry = self.desk, order_id(fill.decision_id, "e")
        found = desk.executions_of(fill)
        places = [place for place, each in enumerate(found) if each.order_id == entry]
        if not places:
            return [], []
        later = found[places[-1] + 1 :]
        closing = [each for each in later if each.size and each.side == EXIT_SIDE[fill.direction]]
        return closing, [each for each in later if not each.size]

    def _reason(self, fill: Event, last: Execution) -> str:
        if last.cause in _REASONS:
            return _REASONS[last.cause]
        if last.cause in FORCED:
            self.desk.tell(
                "error", f"the exchange {FORCED[last.cause]}: no order of this loop or of a person did"
            )
            return "OTHER"
        if not last.order_id.startswith(order_id(fill.decision_id, "x")):
            return "MANUAL"
        leaving = self.desk.book.leaving
        return leaving.reason if leaving else _UNSTOPPED
