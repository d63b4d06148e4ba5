"""What all rooms speak of: names of files, columns and words, times, typed results, the list of analyzers.

Start reading at schema.py.
May import: lib.errors.
"""
