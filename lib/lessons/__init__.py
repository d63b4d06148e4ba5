"""What is asked of closed trades, the ledger of the evidence, and the lessons that follow.

Start reading at compiling.py.
May import: lib.analysis, lib.contract, lib.data, lib.errors, lib.market, lib.paths, lib.questions, lib.stats.
"""
