"""Prompt additions over time: kept by their hash, compared with the one before, held where a person rolled back."""
