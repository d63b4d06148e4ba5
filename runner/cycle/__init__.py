"""The hourly learning cycle: notebooks executed, watched, turned into reports, and listed.

Start reading at cycle.py.
May import: lib, runner.claude, runner.errors, runner.files, runner.processes, runner.question, runner.terminal, runner.terms,
runner.trade, runner.warm, runner.zoom.
"""
