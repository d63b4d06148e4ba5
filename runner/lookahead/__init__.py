"""The look-ahead check: past cycles and a user's own notebooks run again without a future, with an absurd one, and at
instants inside their window.

Start reading at cycles.py.
May import: lib, runner.cycle, runner.errors, runner.processes, runner.warm.
"""
