"""What rose over the last 24 hours rises on, what fell falls on; asked once an hour.

Source: T. Moskowitz, Y. H. Ooi and L. H. Pedersen, Time Series Momentum, Journal of Financial Economics 104 (2012), on months; here on
a day.
"""

from lib.questions.saying import say

EXITS = {"stop_pct": 1.5, "hold_minutes": 1440}


def directions(candles, ribbon_5min, ribbon_15min):
    close = candles["close"]
    before = close.shift(288)
    hour = candles.index.minute == 0
    return say(long=hour & (close > before), short=hour & (close < before))
