"""The ribbon as a script for a TradingView chart: docs/ribbon.pine, as it is pasted into the page's editor.

It draws what lib.market.ribbon computes: the same formula, lengths and colours, and no line before it has warmed up.
"""

from __future__ import annotations

from lib.contract.standing import file_text
from lib.paths import repository_root

FILE = "docs/ribbon.pine"


def script() -> str:
    """The script's text. Raises ParameterError where the project was installed without its checkout."""
    return file_text(repository_root() / FILE)
