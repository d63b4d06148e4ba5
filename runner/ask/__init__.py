"""Questions asked: a history loaded, the question run within limits, its open part explored, its sealed part opened once, all recorded.

Start reading at explore.py.
May import: lib, runner.cycle, runner.fetch, runner.question.
"""
