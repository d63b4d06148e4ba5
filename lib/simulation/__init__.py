"""A synthetic market with a trader in it, and edges planted on purpose.

Start reading at market.py.
May import: lib.contract, lib.errors, lib.market.
"""
