"""Imported by the process alone that a replay's workers are forked from: what an analysis needs, which takes seconds."""

from __future__ import annotations

from importlib import import_module

from runner.warm.deferred import deferred_grammar

with deferred_grammar():
    for _name in ("vectorbt", "lib.analysis.run"):
        import_module(_name)
