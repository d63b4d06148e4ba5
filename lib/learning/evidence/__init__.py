"""How sure a figure is: pure formulas, each with its source."""
