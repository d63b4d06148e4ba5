"""Studies: questions × markets × terms × periods as jobs, run by a pool of processes or by a Dask cluster, kept, tabled and shown.

Start reading at run.py.
May import: lib, runner.ask, runner.config_file, runner.cycle, runner.errors, runner.fetch, runner.files, runner.processes, runner.question.
"""
