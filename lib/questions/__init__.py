"""Questions of one's own: read from a file, asked of candles and ribbons, checked for peeking, explored, and confirmed once.

Start reading at exploring.py.
May import: lib.analysis, lib.contract, lib.data, lib.errors, lib.market, lib.stats.
"""
