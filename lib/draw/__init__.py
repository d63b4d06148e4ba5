"""Figures and tables, from results and frames; what computes never draws.

Start reading at style.py.
May import: lib.analysis, lib.contract, lib.data, lib.history, lib.lessons, lib.market, lib.prompt, lib.questions, lib.stats.
"""
