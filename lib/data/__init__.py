"""From a CSV file to a checked frame, bounded by what was known at an instant; and files replaced whole.

Start reading at window.py.
May import: lib.contract, lib.errors, lib.market, lib.paths.
"""
