"""Insights and prompt addition of a cycle, replaced as a pair, and the reader that the live loop trusts.

Start reading at cycle.py.
May import: lib.analysis, lib.contract, lib.data, lib.errors, lib.history, lib.lessons, lib.market, lib.paths, lib.prompt.
"""
