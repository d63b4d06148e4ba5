"""The page to watch while it trades, the same on a terminal, and reports and documentation beside it: local, read-only, by itself up to date.

Start reading at server.py; view.py has what is shown, site.py who may ask for it.
May import: lib, runner.errors, runner.status, runner.terminal, runner.trade, runner.up.
"""
