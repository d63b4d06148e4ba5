"""The four analyzers, each in the module of its name, the sweep, and what they share.

Start reading at actual_trades.py.
May import: lib.contract, lib.data, lib.market, lib.stats.
"""
