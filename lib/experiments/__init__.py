"""The controlled test: two arms, the log of an experiment, its blocks, what a shadow's answer would have made, and the judgement.

Start reading at judge.py.
May import: lib.analysis, lib.contract, lib.data, lib.errors, lib.lessons, lib.market, lib.stats.
"""
