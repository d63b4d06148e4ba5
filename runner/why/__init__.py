"""Why one decision came out as it did: what was seen, asked, answered, allowed, made of it and paid for it; in words and as a page.

Start reading at read.py.
May import: lib, runner.claude, runner.cycle, runner.errors, runner.replay, runner.status, runner.trade, runner.zoom.
"""
