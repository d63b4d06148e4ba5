"""The simulated truth for experiments: arms whose difference is known, through the product's own randomiser, log, scorer and judge."""
