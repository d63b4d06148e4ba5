"""What an older version left in a data folder or in ribbon.toml, found (`ribbon doctor`) and brought up to date (`ribbon upgrade`).

Start reading at upgrade.py.
May import: lib, runner.claude, runner.config_file, runner.config_moved, runner.errors, runner.files, runner.trade.
"""
