"""The page to watch while it trades, the same on a terminal, reports and documentation beside it: local, read-only, always up to date.

What is shown is of view.py; who may ask for it is of door.py.

Start reading at site.py.
May import: lib, runner.claude, runner.errors, runner.status, runner.trade, runner.up, runner.why, runner.zoom.
"""
