"""A close beyond the highest high, or lowest low, of the 24 hours before goes on.

Source: R. Donchian's channel, as the Turtles traded it on days (C. Faith, Way of the Turtle, 2007, System 1); here on 5-minute candles.
"""

from lib.questions.saying import began, say

EXITS = {"stop_pct": 1.0, "target_pct": 3.0, "hold_minutes": 1440}
CANDLES = 288  # 24 hours


def directions(candles, ribbon_5min, ribbon_15min):
    highest = candles["high"].rolling(CANDLES).max().shift(1)
    lowest = candles["low"].rolling(CANDLES).min().shift(1)
    return say(long=began(candles["close"] > highest), short=began(candles["close"] < lowest))
