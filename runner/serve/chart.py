"""The price block of the page to watch: the last hours' price, both ribbons, the trades and the lines of what is held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from lib.contract.price_block import STATE_LETTERS, Band, BlockTrade, Level, Line, PriceBlock
from lib.contract.times import microseconds, parse_instant
from lib.contract.words import exit_word
from lib.draw.words import name_words
from runner.status.account import held_in
from runner.zoom.html import block_html

_SECOND = 1_000_000
#: A ribbon's band breaks where its samples are further apart, seconds: two 5-minute candles, as in every picture.
_GAP_S = 600
Sampled = tuple[int, float, float, str]


def live_block(view: dict[str, Any]) -> Markup:
    """The block of a view (runner.serve.view); "" where there are fewer than two prices."""
    prices = view["prices"]
    if len(prices) < 2:
        return Markup("")
    start = prices[0][0]

    def after(at: int) -> int:
        return round((at - start) / _SECOND)

    last = after(prices[-1][0])
    held = held_in(view["status"])
    bands = [_band(name, rows, start) for name, rows in view["ribbons"].items()]
    block = PriceBlock(
        start=start // 1000,
        first=0,
        last=last,
        line=Line(at=[after(at) for at, _ in prices], price=[price for _, price in prices]),
        bands=[band for band in bands if band.at],
        trades=[_trade(trade, after) for trade in view["trades"]],
        levels=_levels(held, after, last) if held else [],
    )
    return block_html(block)


def _band(timeframe: str, rows: Sequence[Sampled], start: int) -> Band:
    at = [round((row[0] - start) / _SECOND) for row in rows]
    return Band(
        minutes=int(timeframe.removesuffix("min")),  # type: ignore[arg-type]
        at=at,
        low=[row[1] for row in rows],
        high=[row[2] for row in rows],
        states="".join(STATE_LETTERS.get(row[3], "u") for row in rows),
        gaps=[place for place in range(1, len(at)) if at[place] - at[place - 1] > _GAP_S],
    )


def _trade(trade: dict[str, Any], after: Any) -> BlockTrade:
    left = trade["exit_time"] is not None and trade["exit_price"] is not None
    return BlockTrade(
        direction=trade["direction"],
        entry_at=after(_instant(trade["entry_time"])),
        entry=trade["entry_price"],
        exit_at=after(_instant(trade["exit_time"])) if left else None,
        exit=trade["exit_price"] if left else None,
        net_pct=trade["net_pnl_pct"] if left else None,
        how=name_words(exit_word(trade["exit_reason"])) if left else "",
    )


def _levels(held: dict[str, Any], after: Any, last: int) -> list[Level]:
    since = after(_instant(held["entry_time"]))
    return [
        Level(name=name, price=held[f"{name}_price"], since=since, until=max(last, since))  # type: ignore[arg-type]
        for name in ("entry", "stop", "target")
        if held[f"{name}_price"] is not None
    ]


def _instant(iso: str) -> int:
    return microseconds(parse_instant(iso))
