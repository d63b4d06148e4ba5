"""Closed trades of every source of hypotheses, hour by hour: what the ledger of lessons is fed with."""
