"""A close that comes back inside its Bollinger band goes on to the middle.

Source: J. Bollinger, Bollinger on Bollinger Bands, 2001 (bands of 20 candles and two standard deviations), read as a return to the mean.
"""

from lib.questions.saying import began, say

EXITS = {"stop_pct": 0.5, "target_pct": 0.5, "hold_minutes": 120}


def directions(candles, ribbon_5min, ribbon_15min):
    close = candles["close"]
    middle, spread = close.rolling(20).mean(), close.rolling(20).std(ddof=0)
    return say(long=began(close > middle - 2 * spread), short=began(close < middle + 2 * spread))
