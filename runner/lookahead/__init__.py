"""The look-ahead check (docs/guarantees.md, C4): past cycles and a user's own notebooks run again without a future, and with an absurd one.

Start reading at cycles.py and notebooks.py.
"""
