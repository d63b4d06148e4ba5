"""History through the live loop, and the hours' learning with it.

Start reading at replay.py.
May import: lib, runner.choose, runner.claude, runner.config, runner.cycle, runner.experiment, runner.fetch, runner.terms, runner.trade,
runner.warm.
"""
