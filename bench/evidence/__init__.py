"""The simulated truth for lessons: tables of trades whose net means are known, through the ledger that lessons come from."""
