"""Imported by the process alone that a replay's workers are forked from: what an analysis needs, which takes seconds."""

from __future__ import annotations

from importlib import import_module

from runner.warm.deferred import absent, deferred_grammar

# vectorbt asks for ccxt, a hundred exchanges, to name one type of it, and does without where it is not there.
with deferred_grammar(), absent("ccxt"):
    for _name in ("vectorbt", "lib.analysis.run"):
        import_module(_name)
