"""The simulated truth for questions of one's own: markets in which what a question makes is known, explored, confirmed and followed."""
