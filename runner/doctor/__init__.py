"""Is everything there for a first run? Checks of the machine and of the set-up.

Start reading at examination.py.
May import: lib, runner.claude, runner.collect, runner.config, runner.cycle, runner.errors, runner.exchange, runner.notify,
runner.processes, runner.status, runner.trade, runner.up, runner.upgrade, runner.venue_feed.
"""
