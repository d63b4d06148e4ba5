"""The line of the whole log on pages: of what notebook 06 left in the run folder, drawn anew where it stands, as what a notebook shows is
cleaned of any SVG.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from lib.contract.dollars import A_COIN, Coin
from lib.contract.standing import file_text
from lib.draw.equity import SMALL, TALL, Equity
from lib.history.whole_log import WHOLE_LOG, WholeLog

#: The figure as it stands in a report that was cleaned.
_FIGURE = re.compile(r'<figure class="equity\b.*?</figure>', re.DOTALL)


def whole_log_of(run_dir: Path) -> WholeLog | None:
    """What a cycle knew of the whole log; None where it left nothing that can be read."""
    try:
        kept = json.loads(file_text(run_dir / "results" / f"{WHOLE_LOG}.json"))
        return WholeLog.read(kept["result"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def small_equity(log: WholeLog | None, coin: Coin = A_COIN) -> str:
    """Its line for a page that is about other things too; "" where there is none to draw."""
    return Equity(log, SMALL, coin)._repr_html_() if log else ""


def with_equity(body: str, log: WholeLog | None, coin: Coin = A_COIN) -> str:
    """A report's HTML with the line where the notebook shows it."""
    if log is None or (found := _FIGURE.search(body)) is None:
        return body
    return f"{body[: found.start()]}{Equity(log, TALL, coin)._repr_html_()}{body[found.end() :]}"
