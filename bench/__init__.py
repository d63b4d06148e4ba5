"""Benchmarks: ratios of two ways measured in one run, on data that each makes itself."""
