"""Imports of somebody else's that take longer than all of papermill, put off until they are used, or left out.

jsonschema, which nbformat needs, imports `rfc3987_syntax` for addresses in other alphabets, and that compiles a grammar: more than a
second. No cycle has such an address checked.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

GRAMMAR = "rfc3987_syntax"


@contextmanager
def deferred_grammar() -> Iterator[None]:
    """Within the block jsonschema gets a function that compiles the grammar when it is called; who imports it behind gets the module."""
    if GRAMMAR in sys.modules or importlib.util.find_spec(GRAMMAR) is None:
        yield
        return
    module = ModuleType(GRAMMAR)
    module.is_valid_syntax = _is_valid_syntax  # type: ignore[attr-defined]
    sys.modules[GRAMMAR] = module
    try:
        yield
    finally:
        if sys.modules.get(GRAMMAR) is module:
            del sys.modules[GRAMMAR]


@contextmanager
def absent(name: str) -> Iterator[None]:
    """Within the block a package that was not imported yet is as if it were not installed; whoever imports it behind gets it."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if sys.modules.get(name, sys) is None:
            del sys.modules[name]


def _is_valid_syntax(term: str, value: str) -> bool:
    return bool(importlib.import_module(GRAMMAR).is_valid_syntax(term, value))
