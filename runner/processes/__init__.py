"""Processes started with a clean environment, bounded in time, interrupted at a safe point, ended with all they started.

Start reading at tree.py.
May import: lib, runner.errors.
"""
