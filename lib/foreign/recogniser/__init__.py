"""A candle file of any kind → a table of its candles, and what the file was taken for; where two readings fit, a refusal.

Start reading at recognise.py.
May import: lib.contract, lib.errors, lib.foreign, lib.market.
"""
