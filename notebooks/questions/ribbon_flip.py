"""A fresh flip of the 5-minute ribbon to one colour goes on, where the 15-minute ribbon is of that colour too.

Source: the ribbon flip of the original design of this project (smart_trade_finder.py), here with wider exits than its own.
"""

from lib.questions.saying import began, say

EXITS = {"stop_pct": 0.6, "target_pct": 1.8, "hold_minutes": 360}


def directions(candles, ribbon_5min, ribbon_15min):
    fast, slow = ribbon_5min["state"], ribbon_15min["state"]
    green = began(fast == "all_green") & slow.isin(["all_green", "mixed_green"])
    red = began(fast == "all_red") & slow.isin(["all_red", "mixed_red"])
    return say(long=green, short=red)
