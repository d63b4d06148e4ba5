"""What a zoomable price chart shows, as the JSON block that stands in a page: numbers and a few fixed words, nothing of a library.

Times are whole seconds after `start`; prices are dollars, with seven digits.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lib.contract.results import Model
from lib.contract.schema import STATES, Direction

#: The letter of each state of a ribbon.
STATE_LETTERS = dict(zip(STATES, "GgmrRu", strict=True))
#: The kind of the output that a notebook keeps beside a picture, in which a report finds the block.
BLOCK_TYPE = "application/vnd.ribbon.price-block+json"


class Candles(Model):
    """Candles, oldest first; all lists are equally long."""

    seconds: int = Field(description="Length of each, seconds.", gt=0)
    at: list[int] = Field(description="When each opened, seconds after the start.")
    open: list[float] = Field(description="Opens, dollars.")
    high: list[float] = Field(description="Highs, dollars.")
    low: list[float] = Field(description="Lows, dollars.")
    close: list[float] = Field(description="Closes, dollars.")


class Line(Model):
    """A price where there are no candles to draw; both lists are equally long."""

    at: list[int] = Field(description="Time of each price, seconds after the start.")
    price: list[float] = Field(description="The prices, dollars.")


class Band(Model):
    """A ribbon as a band from its lowest to its highest line; all lists and `states` are equally long."""

    minutes: Literal[5, 15] = Field(description="Chart that it is of, minutes.")
    at: list[int] = Field(description="Time of each sample, seconds after the start.")
    low: list[float] = Field(description="Lowest line of each, dollars.")
    high: list[float] = Field(description="Highest line of each, dollars.")
    states: str = Field(description="State of each, one letter: G g m r R u, from all green to unknown.")
    gaps: list[int] = Field(
        default_factory=list, description="Places of samples with a gap before them, ascending."
    )


class BlockTrade(Model):
    """A trade, with its exit where there is one."""

    direction: Direction = Field(description="LONG or SHORT.")
    entry_at: int = Field(description="Time of the entry, seconds after the start.")
    entry: float = Field(description="Price of the entry, dollars.")
    exit_at: int | None = Field(
        None, description="Time of the exit, seconds after the start; null while open."
    )
    exit: float | None = Field(None, description="Price of the exit, dollars; null while open.")
    net_pct: float | None = Field(None, description="Net return, percent of the entry; null while open.")
    how: str = Field(
        "", pattern=r"^[A-Za-z' ]{0,40}$", description="How it ended, in words; blank while open."
    )


class Level(Model):
    """A price that a trade knew, over the time that it did."""

    name: Literal["entry", "stop", "target"] = Field(description="What it is.")
    price: float = Field(description="The price, dollars.")
    since: int = Field(description="From when on it stood, seconds after the start.")
    until: int = Field(description="Until when, seconds after the start.")


class Doubt(Model):
    """A stretch of samples that are left out everywhere."""

    kind: Literal["frozen", "partial", "venue_mismatch"] = Field(description="Their quality.")
    since: int = Field(description="Time of the first, seconds after the start.")
    until: int = Field(description="Time of the last, seconds after the start.")


class PriceBlock(Model):
    """All of it. What is drawn is candles, or the line where there are none."""

    start: int = Field(description="What times count from, milliseconds since 1970 UTC.")
    first: int = Field(description="Left end of what is shown at first, seconds after the start.")
    last: int = Field(description="Right end of it, seconds after the start.")
    candles: Candles | None = Field(None, description="The candles; null where there is a line.")
    line: Line | None = Field(None, description="The price; null where there are candles.")
    bands: list[Band] = Field(default_factory=list, description="Ribbons, the first the one of the market.")
    trades: list[BlockTrade] = Field(default_factory=list, description="The trades, in order of entry.")
    trades_before: int = Field(0, description="How many more trades there were before these.")
    doubts: list[Doubt] = Field(
        default_factory=list, description="Stretches of the first ribbon whose samples are left out."
    )
    levels: list[Level] = Field(default_factory=list, description="Lines of one trade: entry, stop, target.")
    asked: int | None = Field(None, description="When it was asked, seconds after the start; null without.")
