"""In a rising market a two-candle RSI below 5 is bought, in a falling one above 95 is sold.

Source: L. Connors and C. Alvarez, Short Term Trading Strategies That Work, 2008 (RSI(2) with a 200-period mean, on days); the RSI is
J. W. Wilder's of 1978.
"""

from lib.questions.saying import say

EXITS = {"stop_pct": 0.8, "target_pct": 0.8, "hold_minutes": 180}


def directions(candles, ribbon_5min, ribbon_15min):
    close = candles["close"]
    change = close.diff()
    gain = change.clip(lower=0).ewm(alpha=1 / 2, adjust=False).mean()
    loss = (-change).clip(lower=0).ewm(alpha=1 / 2, adjust=False).mean()
    rsi = 100 * gain / (gain + loss)
    mean = close.rolling(200).mean()
    return say(long=(close > mean) & (rsi < 5), short=(close < mean) & (rsi > 95))
