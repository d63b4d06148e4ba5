"""Notifications to people, off by default: what is said, and how it is sent without holding up who says it.

Start reading at messages.py.
May import: lib.
"""
