"""Claude as the decider of the live loop: prompt, call, validation, budget.

Start reading at decider.py.
May import: lib, runner.errors, runner.files, runner.processes, runner.trade.
"""
