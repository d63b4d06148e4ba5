"""The exchange broker: real orders, off unless two switches are on; paper trading never imports this room.

Start reading at start.py.
May import: lib, runner.config, runner.errors, runner.fetch, runner.files, runner.processes, runner.trade.
"""
