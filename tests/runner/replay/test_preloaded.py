from __future__ import annotations

import subprocess
import sys

import pytest

CODE = """import sys
import runner.replay.preloaded
from runner.warm.deferred import GRAMMAR
print("vectorbt" in sys.modules, "lib.analysis.run" in sys.modules, GRAMMAR in sys.modules, "ccxt" in sys.modules)
import ccxt
print(ccxt.binance.__name__)
"""


@pytest.mark.slow
def test_what_workers_are_forked_from_has_the_analyses_and_neither_the_grammar_of_addresses_nor_exchanges():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "False", "False", "binance"]
