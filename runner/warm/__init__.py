"""Processes forked from one that has the slow imports done, kernels above all; docs/decisions/warm-processes.md says why.

Start reading at server.py.
May import: lib, runner.errors, runner.processes, runner.terminal.
"""
