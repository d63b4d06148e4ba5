"""History from files, exchanges, recordings, other bots' logs and the simulator, into the files that the collector writes.

Start reading at backfill.py.
May import: lib, runner.errors, runner.files, runner.terminal.
"""
