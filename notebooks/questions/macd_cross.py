"""Where the MACD crosses its signal line, price goes on that way.

Source: G. Appel's moving average convergence divergence (12, 26, 9), as in his Technical Analysis: Power Tools for Active Investors, 2005.
"""

from lib.questions.saying import began, say

EXITS = {"stop_pct": 0.6, "target_pct": 1.2, "hold_minutes": 240}


def directions(candles, ribbon_5min, ribbon_15min):
    close = candles["close"]
    fast, slow = (close.ewm(span=span, adjust=False).mean() for span in (12, 26))
    macd = fast - slow
    signal = macd.ewm(span=9, adjust=False).mean()
    settled = candles["close"].rolling(120).count() == 120
    return say(long=began(macd > signal) & settled, short=began(macd < signal) & settled)
