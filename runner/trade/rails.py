"""The rails: limits in code that no answer passes (docs/guarantees.md, L4, L6). Codes, not sentences; "" lets pass.

`before` needs no answer, so a tick it stops asks nobody. `after` looks at the answer. `trip` finds the halts, which the event log keeps
and only a person lifts. The kill file counts as present whenever it cannot be seen to be absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lib.contract.standing import expanded
from lib.errors import RibbonError
from lib.market.exits import ExitRule
from lib.market.terms import Terms
from runner.trade.book import DAY, HOUR, Book
from runner.trade.models import Account, Answer
from runner.trade.settings import RailSettings

DAILY_LOSS, DRAWDOWN = "daily_loss", "drawdown"
#: Money sums are floats: 2 % of 1,000 lost is lost.
SLACK = 1e-9
#: Seconds as floats are that much off, at most.
_ROUNDED_US = 1_000


@dataclass(frozen=True)
class Rails:
    """The limits of one folder. `None` in place of this is no rail at all, which only a replay may ask for."""

    limits: RailSettings
    folder: Path

    def killed(self) -> bool:
        """Whether the kill file is there; a check that fails says yes."""
        try:
            path = self.folder / expanded(self.limits.kill_file)
            path.lstat()
        except FileNotFoundError:
            return not path.parent.is_dir()
        except (OSError, RibbonError):
            return True
        return True

    def before(self, book: Book, now: int, since_exit_s: float = float("inf")) -> str:
        """Why no entry can be made whatever the answer: kill, halt_…, cooldown, hour, day.

        `since_exit_s`: age of the newest exit by a clock that nobody sets; infinity where this process has seen none.
        """
        if self.killed():
            return "kill"
        if halt := book.halted or self.trip(book, now):
            return f"halt_{halt}"
        cooldown = self.limits.cooldown_minutes * 60e6
        if book.closed and min(now - book.closed[-1].at, since_exit_s * 1e6 + _ROUNDED_US) < cooldown:
            return "cooldown"
        if book.filled_since(now - now % HOUR) >= self.limits.max_trades_per_hour:
            return "hour"
        if book.filled_since(now - now % DAY) >= self.limits.max_trades_per_day:
            return "day"
        return ""

    def after(self, answer: Answer, terms: Terms) -> str:
        """What of an answer to enter is out of range: confidence, stop, target; the range of the last two is that of the terms."""
        if not _within(answer.confidence, self.limits.min_confidence, 1.0):
            return "confidence"
        asked = exit_rule(answer, terms.exits)
        if not _within(asked.stop_pct, terms.min_stop_pct, terms.max_stop_pct):
            return "stop"
        if not _within(asked.target_pct, terms.min_target_pct, terms.max_target_pct):
            return "target"
        return ""

    def notional(self, book: Book, size_pct: float) -> float:
        """The value of a position: what is asked for, at most what leverage and size allow."""
        return min(
            book.equity * size_pct / 100, book.equity * self.limits.max_leverage, self.limits.max_size_usd
        )

    def trip(self, book: Book, now: int) -> str:
        """The halt that the account has run into; "" if it has not, or is halted already."""
        if book.halted:
            return ""
        net, before = book.net_since(now - now % DAY, book.measured)
        if before <= 0 or -net / before * 100 >= self.limits.max_daily_loss_pct - SLACK:
            return DAILY_LOSS
        return DRAWDOWN if book.drawdown_pct() >= self.limits.max_drawdown_pct - SLACK else ""


def account(book: Book, now: int) -> Account:
    """The account as a decider sees it."""
    net, before = book.net_since(now - now % DAY)
    return Account(
        equity=book.equity,
        day_net=net,
        day_net_pct=net / before * 100 if before > 0 else 0.0,
        drawdown_pct=book.drawdown_pct(),
        trades_this_hour=book.filled_since(now - now % HOUR),
        trades_today=book.filled_since(now - now % DAY),
        halted=book.halted,
    )


def exit_rule(answer: Answer, exits: ExitRule) -> ExitRule:
    """The exits of an answer: its own distances, else the standard ones."""
    return ExitRule(
        exits.target_pct if answer.target_pct is None else answer.target_pct,
        exits.stop_pct if answer.stop_pct is None else answer.stop_pct,
        exits.hold_minutes,
    )


def _within(value: object, low: float, high: float) -> bool:
    """False for NaN, infinities and what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return low - SLACK <= value <= high + SLACK
