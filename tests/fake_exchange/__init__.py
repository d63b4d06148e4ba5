"""A stand-in for Bybit's REST interface on localhost: one perpetual, one account, faults on demand."""
