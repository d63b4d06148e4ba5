"""The first half hour of a day, counted from the close of the day before, says which way its last half hour goes.

Source: L. Gao, Y. Han, S. Z. Li and G. Zhou, Market Intraday Momentum, Journal of Financial Economics 129 (2018), on US stocks; here on
days of UTC.
"""

from lib.questions.saying import say

EXITS = {"stop_pct": 1.0, "hold_minutes": 30}


def directions(candles, ribbon_5min, ribbon_15min):
    close, times = candles["close"], candles.index
    minute = times.hour * 60 + times.minute
    before = close.where(minute == 0).ffill(limit=6)  # the close at midnight
    first = (close / before - 1).where(minute == 30).ffill(limit=276)
    late = minute == 23 * 60 + 30
    return say(long=late & (first > 0), short=late & (first < 0))
