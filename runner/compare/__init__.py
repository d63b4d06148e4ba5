"""Two cycles or two replays side by side: how far apart they are, how sure that is, and what may be compared; in words and as a page.

Start reading at read.py.
May import: lib, runner.cycle.
"""
