"""What Claude is told: the prompt addition, its archive, the one that a person holds, and what differs between two.

Start reading at addition.py.
May import: lib.analysis, lib.contract, lib.data, lib.errors, lib.lessons, lib.market, lib.paths.
"""
