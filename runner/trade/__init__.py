"""The live loop: feed, gate, decider, rails, broker, one outcome a tick; live and replayed by the same code.

Start reading at loop.py.
May import: lib, runner.errors, runner.files, runner.processes, runner.terms.
"""
