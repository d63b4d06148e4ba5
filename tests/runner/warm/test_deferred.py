from __future__ import annotations

import json
import subprocess
import sys

import pytest

from runner.warm.client import server_environment

pytest.importorskip("rfc3987_syntax")

CODE = """import json, sys
from runner.warm.deferred import GRAMMAR, deferred_grammar
with deferred_grammar():
    import nbformat, jsonschema
    within = sys.modules[GRAMMAR].__spec__ is None
before = GRAMMAR in sys.modules
checker = jsonschema.Draft7Validator.FORMAT_CHECKER
found = [checker.conforms(text, "iri") for text in ("http://käse.example/ä", "no address", 5)]
found += [checker.conforms(text, "iri-reference") for text in ("../ä", "a b")]
import rfc3987_syntax
with deferred_grammar():
    kept = sys.modules[GRAMMAR] is rfc3987_syntax
print(json.dumps([within, before, found, kept, rfc3987_syntax.__file__ is not None]))
"""


def test_the_grammar_is_compiled_when_an_address_is_checked():
    """The answers are those of the module itself, which whoever imports it later gets."""
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=server_environment(), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [True, False, [True, False, True, True, False], True, True]
