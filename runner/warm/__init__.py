"""Processes forked from one that has the slow imports done, kernels above all. Start reading at server.py;
docs/decisions/warm-processes.md says why."""
