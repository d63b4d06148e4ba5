"""What an older version left in a data folder or in ribbon.toml, found (`ribbon doctor`) and brought up to date (`ribbon upgrade`).

Start at steps.py: a step finds what is old of one kind, and says of each how it is brought up. A new kind is a function in its list.
"""
