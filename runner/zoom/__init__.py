"""The zoomable price chart of a page: a JSON block beside its still picture, and the scripts that draw it.

Start reading at html.py.
May import: lib.
"""
