"""The guards: whether what is seen may be decided upon at all (docs/guarantees.md, L3). Codes; "" lets pass.

Prices of samples that fail here may still be good enough to judge an open position by; that is the broker's business.
"""

from __future__ import annotations

from lib.contract import schema
from runner.trade.feed import Feed
from runner.trade.known import MarketTables, SampleTable
from runner.trade.settings import TradeSettings

MINUTE = 60_000_000


def guard(feed: Feed, settings: TradeSettings, symbol: str) -> str:
    """ahead, stale, schema, frozen, partial, venue_mismatch, symbol, timeframe or unknown: of either timeframe, the first that holds."""
    known = feed.known
    if any(table.broken == "ahead" for table in known.samples.values()):
        return "ahead"
    oldest = settings.stale_s + known.growth_s
    if any(feed.age_s(name) > oldest for name in known.samples):
        return "stale"
    for table in known.samples.values():
        if fault := _fault(table, symbol):
            return fault
    if not all(_aligned(known, name) for name in schema.RIBBON_TIMEFRAMES):
        return "timeframe"
    return ""


def _fault(table: SampleTable, symbol: str) -> str:
    row = table.newest
    if table.fault:
        return table.fault
    if symbol and table.symbol[row] != symbol:
        return "symbol"
    return "unknown" if table.state[row] == "unknown" else ""


def _aligned(known: MarketTables, timeframe: str) -> bool:
    """Whether the newest candle opened where a candle of its timeframe does: one of another length gives itself away there."""
    table, length = known.candles[timeframe], schema.MINUTES[timeframe] * MINUTE
    return not table.known or table.newest_close % length == 0
