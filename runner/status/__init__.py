"""Where the loop stands, and why it did what it did at a time; looking again and again costs little (unchanged.py).

Start reading at status.py.
May import: lib, runner.claude, runner.collect, runner.cycle, runner.errors, runner.experiment, runner.files, runner.notify,
runner.trade, runner.up.
"""
