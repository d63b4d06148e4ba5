"""The look-ahead check: past cycles and a user's own notebooks run again without a future, and with an absurd one.

Start reading at cycles.py.
May import: lib, runner.cycle, runner.errors, runner.warm.
"""
