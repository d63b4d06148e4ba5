"""How sure a figure is: intervals, independent episodes, bets against a hypothesis, levels; and the rounding of figures.

Start reading at groups.py.
May import: lib.contract.
"""
