"""Whether the wall clock can be right at all, asked of nobody: a board without a battery begins in 1970 until the network sets it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from runner.errors import ClockError

#: This program is of after then, so a clock that is behind it is wrong.
_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
#: Commands that stamp what they write with the clock, or leave out what is ahead of it.
_BY_THE_CLOCK = ("trade", "cycle", "collect", "backfill", "import-trades", "experiment", "ask", "resume")

FIX = "Set it, or wait until the network has set it (timedatectl set-ntp true)"


def wall_fault(now_s: float) -> str:
    """Why a clock that says `now_s` (seconds since 1970 UTC) is wrong, whatever any other says; "" where it could be right."""
    now = datetime.fromtimestamp(now_s, UTC)
    if now >= _SINCE:
        return ""
    return f"this machine's clock says {now:%Y-%m-%dT%H:%M:%SZ}, and this program is of {_SINCE:%Y} or later"


def require_wall(command: str) -> None:
    """Raise ClockError where a command goes by the clock and that is wrong."""
    if command in _BY_THE_CLOCK and (fault := wall_fault(time.time())):
        raise ClockError(f"{fault}. {FIX}")
