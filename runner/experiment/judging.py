"""The hourly look at an experiment: what is known of its blocks is judged beside the loop, and what comes of it is handed to it.

What would surprise: the judge reads the folder as anybody would, log, decisions and candles, and not what the loop has in mind. So the
page, the command and the loop say the same, and a look that takes long delays no tick.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from lib.errors import RibbonError
from lib.experiments.folder import judged
from lib.experiments.judgement import Judgement
from runner.experiment.store import read_experiments

HOUR = 3_600_000_000


class HourlyLook:
    """Judges the running experiment of a folder once an hour of the data. `waits`: in this thread (replays)."""

    def __init__(self, folder: Path, warn: Callable[[str], None], waits: bool = False) -> None:
        self._folder, self._warn, self._waits = folder, warn, waits
        self._hour = 0
        self._thread: threading.Thread | None = None
        self._found: Judgement | None = None

    def look(self, at: int) -> None:
        """Begin a look if an hour has begun since the last one (`at` in microseconds), and none is under way."""
        hour = at // HOUR
        if hour == self._hour or (self._thread and self._thread.is_alive()):
            return
        self._hour = hour
        if self._waits:
            self._judge(at)
            return
        self._thread = threading.Thread(target=self._judge, args=(at,), name="judge", daemon=True)
        self._thread.start()

    def taken(self) -> Judgement | None:
        """What the last look found, once."""
        found, self._found = self._found, None
        return found

    def _judge(self, at: int) -> None:
        try:
            log = read_experiments(self._folder)
            if log.current is not None and log.current.ends:
                self._found = judged(self._folder, log.current, at).judgement
        except (RibbonError, OSError) as error:
            self._warn(f"the experiment could not be judged: {error}")
        except Exception as error:  # a look that breaks must not end the loop; the next hour's tries again
            self._warn(f"the experiment could not be judged: {type(error).__name__}: {error}")
