"""Everything with a clock, a process, a network or a browser.

Start reading at docs/map.md.
May import: lib.
"""
