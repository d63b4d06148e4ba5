"""What there is to see of a folder, for page and terminal, as JSON types: its status, the feed, prices of the last hours, logs, links."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from lib.contract.standing import open_file
from lib.contract.visible import visible
from lib.market.terms import Terms
from runner.claude.settings import ClaudeSettings
from runner.serve.feed import folded
from runner.serve.health import health, overall
from runner.serve.sentence import sentence, standing
from runner.status.status import StatusReader
from runner.trade.known import stamp
from runner.trade.settings import TradeSettings
from runner.up.programs import FOLDER as UP_FOLDER
from runner.up.readiness import lacks_samples

#: Prices of so long are drawn.
HOURS = 3
MOST_OF_FEED = 40
#: Of each log that `ribbon up` keeps: bytes that are read at its end, and lines that are shown.
_LOG_BYTES, _LOG_LINES = 16 * 1024, 30
_LOGS = ("trade", "collect", "cycle", "warm", "serve", "supervisord")


class Viewer:
    """Looks at a folder again and again; what did not change is not read again. `outputs`: where its cycles are, for links."""

    def __init__(
        self, folder: Path, outputs: Path, trade: TradeSettings, claude: ClaudeSettings, terms: Terms
    ) -> None:
        self.folder, self.outputs, self.trade, self.terms = folder, outputs, trade, terms
        self._status = StatusReader(folder, trade, claude, terms, pd.Timedelta(hours=HOURS))

    def look(self, now_us: int) -> dict[str, Any]:
        """`status`, `standing`, `answer`, `stands`, `health`, `waits_for`, `feed`, `prices`, `ribbons`, `trades`, `logs`, `links`."""
        status = self._status.read(now_us)
        parts, waits_for = health(status), self._waits_for(status)
        prices = self._status.prices()
        since = stamp(prices[0][0] if prices else now_us)
        return {
            "status": status,
            "standing": standing(status, parts, waits_for),
            "answer": sentence(status, parts, waits_for),
            "waits_for": waits_for,
            "stands": overall(status, parts),
            "health": [part._asdict() for part in parts],
            "feed": folded(self._status.feed(now_us, MOST_OF_FEED)),
            "prices": prices,
            "ribbons": self._status.ribbons(),
            "trades": self._status.trades(now_us, since),
            "logs": self._logs(),
            "links": self.links(),
        }

    def _waits_for(self, status: dict[str, Any]) -> str:
        """What an empty folder waits for; "" once there is something to show."""
        if status["last_decision"] or status["account"] or status["faults"]:
            return ""
        if not self.folder.is_dir():
            return f"there is no folder {self.folder}; `ribbon collect` makes it with the first sample"
        return lacks_samples(self.folder) and "it waits for a first sample, which `ribbon collect` writes"

    def _logs(self) -> list[dict[str, Any]]:
        """The ends of the logs that `ribbon up` keeps, of those that there are."""
        found = []
        for name in _LOGS:
            path = self.folder / UP_FOLDER / f"{name}.log"
            try:
                lines = self._status.memory.of(f"log {name}", [path], lambda path=path: _last_lines(path))
            except OSError:
                continue
            found += [{"name": name, "lines": lines}] if lines else []
        return found

    def links(self) -> dict[str, str]:
        """Where reports are, below the page's own address, of those that there are."""
        pages = {"newest cycle": "latest/index.html", "all cycles": "index.html"}
        return {name: f"/outputs/{page}" for name, page in pages.items() if (self.outputs / page).is_file()}


def _last_lines(path: Path) -> list[str]:
    """The last lines of a log, each with all its marks visible."""
    with open_file(path) as log:
        size = path.stat().st_size
        log.seek(max(0, size - _LOG_BYTES))
        lines = log.read().decode(errors="replace").split("\n")
    whole = lines if size <= _LOG_BYTES else lines[1:]
    return [visible(line.rstrip("\r")) for line in whole if line.strip()][-_LOG_LINES:]
