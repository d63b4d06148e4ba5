"""Everything at once, kept running by supervisord: warm process, collector, loop, hourly cycle."""
