"""Notifications to people, off by default: what is said (messages.py), and how it is sent without holding up who says it (notifier.py)."""
