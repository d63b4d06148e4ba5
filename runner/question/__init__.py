"""One question at work: run in processes with limits, its record written, kept, followed hour by hour, and heard by the live loop.

Start reading at process.py.
May import: lib, runner.errors, runner.files, runner.processes.
"""
