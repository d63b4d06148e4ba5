"""An exchange's public candles and stream as a collector: no browser, no key; the rows that a chart would give.

Start reading at collector.py.
May import: lib, runner.collect, runner.errors, runner.fetch, runner.files, runner.processes.
"""
