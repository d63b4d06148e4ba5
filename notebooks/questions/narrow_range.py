"""After an hour that is the narrowest of seven, the first close beyond it goes on.

Source: T. Crabel, Day Trading with Short Term Price Patterns and Opening Range Breakout, 1990 (NR7, on days); here on clock hours.
"""

from lib.questions.saying import began, say

EXITS = {"stop_pct": 0.6, "target_pct": 1.2, "hold_minutes": 240}


def directions(candles, ribbon_5min, ribbon_15min):
    full = candles.index.minute == 0  # an hour's last candle has closed
    high, low = candles["high"].rolling(12).max(), candles["low"].rolling(12).min()
    hours = ((high - low) / candles["close"])[full]
    narrow = (hours <= hours.rolling(7).min()).reindex(candles.index)
    top = high.where(narrow.eq(True)).ffill(limit=12).shift(1)
    bottom = low.where(narrow.eq(True)).ffill(limit=12).shift(1)
    return say(long=began(candles["close"] > top), short=began(candles["close"] < bottom))
