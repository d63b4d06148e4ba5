"""The closed trades of six sources, handed out hour by hour, each once.

Start reading at hour.py.
May import: lib.analysis, lib.contract, lib.data, lib.errors, lib.lessons, lib.market, lib.paths.
"""
