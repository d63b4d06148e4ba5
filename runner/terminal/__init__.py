"""The one way to a terminal: whatever a command writes goes through a gate that leaves nothing unseen in it.

Start reading at gate.py.
May import: lib.
"""
