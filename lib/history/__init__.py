"""A record a cycle, what changed from one to the next, and what became of each lesson.

Start reading at log.py.
May import: lib.analysis, lib.contract, lib.data, lib.errors, lib.experiments, lib.lessons, lib.market, lib.paths, lib.prompt, lib.stats.
"""
