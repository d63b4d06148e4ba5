"""The chart page alone: a browser, what a reading says, the rows that are due.

Start reading at collector.py.
May import: lib, runner.errors, runner.files, runner.processes.
"""
