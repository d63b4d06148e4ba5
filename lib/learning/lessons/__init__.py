"""Lessons: hypotheses with stable ids, the ledger of their evidence, and what it says."""
