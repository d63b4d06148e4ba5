"""What a cycle's end needs and the notebooks do not: found out beside the last of them, which leave a core free.

A year of decisions takes a fifth of a second to look through, and the bytes that settled setups rest on are a hundred megabytes. Nothing is
written here: what may be, and whether, is known only when the notebooks have ended.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib.data.newest import mostly_not_taken
from lib.errors import RibbonError
from lib.lessons.lost_trades import lost_trades_warning
from runner.cycle.catch_up import setups_to_keep
from runner.cycle.stages import Settings
from runner.errors import EventLogError
from runner.trade.lost import read_account


class Aside:
    """Pieces of work, each done once: `do_one` beside the notebooks, or when what it gives is asked for.

    Not to be asked while `do_one` may be at work.
    """

    def __init__(self, settings: Settings, as_of: pd.Timestamp) -> None:
        self._settings, self._as_of = settings, as_of
        self._account: str | None = None
        self._lost: str | None = None
        self._setups: tuple[str, str] | None = None

    def do_one(self) -> bool:
        """Do the next piece; False where none is left."""
        if self._account is None:
            self.account_warning()
        elif self._lost is None:
            self.lost_trades()
        elif self._setups is None:
            self.setups()
        else:
            return False
        return True

    def account_warning(self) -> str:
        """`account_warning_of` the cycle's folder."""
        if self._account is None:
            self._account = account_warning_of(self._settings.trading_data)
        return self._account

    def lost_trades(self) -> str:
        """`lost_trades_warning` of the cycle's folder; "" where its files cannot be read, which is told by whoever reads them."""
        if self._lost is None:
            try:
                self._lost = lost_trades_warning(self._settings.trading_data)
            except (RibbonError, OSError):
                self._lost = ""
        return self._lost

    def setups(self) -> tuple[str, str]:
        """What there is to keep of the setups before the window (setups_to_keep)."""
        if self._setups is None:
            asked = self._settings
            self._setups = setups_to_keep(asked.trading_data, self._as_of, asked.lookback_hours, asked.terms)
        return self._setups


def not_taken_warnings(folder: Path) -> list[str]:
    """`mostly_not_taken` of a trading_data folder; none where a file cannot be read, which is told by whoever reads it."""
    try:
        return mostly_not_taken(folder)
    except (RibbonError, OSError):
        return []


def account_warning_of(folder: Path) -> str:
    """Why the account of a trading_data folder cannot be told; "" where it can, or there is none."""
    try:
        read_account(folder)
    except (EventLogError, OSError) as error:
        return f"the account cannot be told, and `ribbon trade` will not start: {error}"
    return ""
