"""Files that are appended to row by row: whole lines, one writer, columns as they are.

Start reading at journal.py.
May import: lib, runner.errors.
"""
