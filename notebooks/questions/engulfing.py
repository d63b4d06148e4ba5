"""A body that swallows the one before, of the other colour and after a move against it, turns the market.

Source: S. Nison, Japanese Candlestick Charting Techniques, 1991 (engulfing patterns).
"""

from lib.questions.saying import say

EXITS = {"stop_pct": 0.5, "target_pct": 1.0, "hold_minutes": 120}


def directions(candles, ribbon_5min, ribbon_15min):
    opened, close = candles["open"], candles["close"]
    before_open, before_close = opened.shift(1), close.shift(1)
    move = before_close / close.shift(13) - 1  # the hour before
    large = (close - opened).abs() / close > 0.001
    up = (before_close < before_open) & (close > opened) & (opened <= before_close) & (close >= before_open)
    down = (before_close > before_open) & (close < opened) & (opened >= before_close) & (close <= before_open)
    return say(long=up & large & (move < -0.003), short=down & large & (move > 0.003))
