"""The rules of the market: candles, ribbon, setups, regimes, wicks, and what costs and exits make of a price path.

Start reading at rules.py.
May import: lib.contract, lib.errors.
"""
