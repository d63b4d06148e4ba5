"""The hourly learning cycle: notebooks executed, watched, turned into reports, and listed. Start reading at cycle.py."""
