"""Processes forked from one that has the slow imports done, kernels above all. Start reading at server.py; DESIGN section 7 says why."""
