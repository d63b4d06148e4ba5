"""Setting up: what is asked once, checked as it goes, and written to ribbon.toml and .env; and the ribbon's script for a chart.

Start reading at steps.py.
May import: lib, runner.claude, runner.collect, runner.config, runner.config_file, runner.config_moved, runner.errors, runner.fetch,
runner.files, runner.notify, runner.venue_feed.
"""
