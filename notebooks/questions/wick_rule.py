"""After a wick of 0.3 to 0.8 % price goes the other way: LONG at the close of a candle with a wick down, SHORT with one up.

Source: the wick rule of the original design of this project (ultimate_backtest_analyzer.py), here with wider exits than its own.
"""

from lib.questions.saying import say, wick_shown

EXITS = {"stop_pct": 0.6, "target_pct": 1.2, "hold_minutes": 240}


def directions(candles, ribbon_5min, ribbon_15min):
    down, up = wick_shown(candles)
    return say(long=down, short=up)
