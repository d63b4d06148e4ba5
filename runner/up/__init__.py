"""Everything at once, kept running by supervisord: warm process, collector, loop, hourly cycle, page.

Start reading at programs.py.
May import: lib, runner.cycle, runner.errors, runner.files, runner.processes, runner.terminal, runner.warm.
"""
