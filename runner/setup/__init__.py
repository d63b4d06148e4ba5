"""Setting up: the ribbon's script for a chart.

Start reading at pine.py.
May import: lib.
"""
