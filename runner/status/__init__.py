"""Where the loop stands, and why it did what it did at a time.

Start reading at status.py; unchanged.py is why looking again costs little.
May import: lib, runner.claude, runner.collect, runner.cycle, runner.files, runner.trade.
"""
