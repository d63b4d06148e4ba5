"""What other programs wrote: candle files, recordings and tables of trades, recognised, read, and what is off told line by line.

Start reading at ohlcv.py.
May import: lib.contract, lib.data, lib.errors, lib.market.
"""
