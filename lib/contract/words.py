"""The only words and number forms that may leave lib in a sentence.

docs/guarantees.md, S1: whatever a result file holds as text is looked up in an enumeration here, and becomes OTHER or unknown where it is
not found. Numbers have bounded length, so that the prompt addition has one too. All output is ASCII.
"""

from __future__ import annotations

import pandas as pd

from lib.contract.dollars import A_COIN, Coin
from lib.contract.results import GroupStats
from lib.contract.schema import DIRECTIONS, EXIT_REASONS, REGIMES, SIGNATURES, STATES
from lib.contract.times import parse_instant
from lib.errors import ParameterError

OTHER, UNKNOWN = "OTHER", "unknown"
#: Characters of a number.
_LONGEST = 16

#: Whose decisions: the possessive of a sentence and a label, by the kind of DataSource.
OWNERS = {
    "live": ("your trades", "your own (live trader)"),
    "rules": ("the rule decider's trades", "a rule decider's, not yours"),
    "simulated": ("simulated trades", "simulated, not yours"),
    "imported": ("the imported trades", "another bot's, imported, not yours"),
    "none": ("trades", "none in the log"),
}
UNKNOWN_OWNER = ("trades of unknown origin", "of unknown origin, not taken as yours")


def signature_word(text: str) -> str:
    """A setup signature of docs/definitions.md, else OTHER."""
    return text if text in SIGNATURES else OTHER


def exit_word(text: str) -> str:
    """An exit reason of the schema, else OTHER."""
    return text if text in EXIT_REASONS else OTHER


def direction_word(text: str) -> str:
    """LONG, SHORT or HOLD, else OTHER."""
    return text if text in DIRECTIONS else OTHER


def regime_word(text: str) -> str:
    """A regime of the schema, else UNKNOWN."""
    return text if text in REGIMES else "UNKNOWN"


def state_word(text: str) -> str:
    """A ribbon state of the schema, in any case, else unknown."""
    return text.lower() if text.lower() in STATES else UNKNOWN


def instant_or_none(text: object) -> pd.Timestamp | None:
    """An ISO-8601 time as UTC; None for anything else, words like "now" included."""
    try:
        return parse_instant(str(text))
    except ParameterError:
        return None


def time_word(text: object) -> str:
    """A time to the minute, as `2025-10-19 15:00Z`, else unknown."""
    instant = instant_or_none(text)
    return instant.strftime("%Y-%m-%d %H:%MZ") if instant else UNKNOWN


def number(value: float | None, digits: int = 0, sign: bool = False) -> str:
    """A number of at most 16 characters; sizes above a thousand million, and what would be longer, in powers of ten; unknown for None."""
    if value is None:
        return UNKNOWN
    value = round(value, digits) + 0.0
    plus = "+" if sign else ""
    text = format(value, f"{plus},.{digits}f")
    return text if abs(value) < 1e9 and len(text) <= _LONGEST else format(value, f"{plus}.3e")


def money(value: float | None, coin: Coin = A_COIN) -> str:
    """Signed dollars per 1 of a coin, as `-$12.50`."""
    if value is None:
        return UNKNOWN
    text = number(value, coin.decimals)
    return f"-${text[1:]}" if text.startswith("-") else f"+${text}"


def rate(value: float | None) -> str:
    """A rate as `44.4 %`."""
    return UNKNOWN if value is None else f"{number(value, 1)} %"


def bounds(low: float | None, high: float | None, digits: int) -> str:
    """An interval as `[30.9 to 58.8]`."""
    if low is None or high is None:
        return "[no interval]"
    return f"[{number(low, digits)} to {number(high, digits)}]"


def win_words(group: GroupStats) -> str:
    """How often a group won, with its interval."""
    return f"{rate(group.win_rate)} won {bounds(group.win_rate_low, group.win_rate_high, 1)}"


def net_mean(group: GroupStats) -> str:
    """A group's mean net return per episode, with its interval (the reader is told that it is per episode)."""
    low_high = bounds(group.net_low_pct, group.net_high_pct, 3)
    return f"mean {number(group.net_mean_pct, 3, sign=True)} % {low_high}"


def figures(group: GroupStats, coin: Coin = A_COIN) -> str:
    """A group's evidence in one line: n, episodes, win rate, net total and net mean with their intervals."""
    if group.total == 0:
        return "n=0"
    size = f"n={number(group.total)} in {number(group.episodes)} ep"
    return f"{size}, {win_words(group)}, {money(group.total_pnl, coin)}, {net_mean(group)}"


def age_words(seconds: float) -> str:
    """A stretch of time in its largest fitting unit: 90 s, 5 min, 3 h, 12 d; negative for what lies ahead."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if abs(seconds) >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
