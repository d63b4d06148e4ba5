"""What followed questions say of the newest closed candle, for the live loop: asked beside it, in a thread of their own.

The loop asks `heard`, which answers at once, or within WAIT_S where the candle has just closed. What would surprise: only questions whose
lesson Claude is told are asked, so without such a lesson the thread starts no process; and an answer is given for exactly the candle that
was asked about, never an older one: what is not known for it is `unknown`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from lib.contract.schema import CANDLE_FILES, INSIGHTS_FILE
from lib.errors import RibbonError
from lib.lessons.followed import followed_now
from lib.prompt.lessons import questions_told
from lib.published.pair import read_prompt
from lib.questions.history import History
from lib.questions.keeping import Kept
from runner.question.copies import read_copy
from runner.question.follow import HourLimits, window_history
from runner.question.limits import Limits
from runner.question.process import ask_in_process

UNKNOWN = "unknown"
WORDS = {1: "LONG", -1: "SHORT", 0: "none"}
#: Seconds that a tick waits at most for the answer of a candle that has just closed.
WAIT_S = 2.0
_LOOK_EVERY_S, _LEAVE_S = 0.5, 3.0


def wall_clock() -> pd.Timestamp:
    """Now."""
    return pd.Timestamp.now("UTC").as_unit("us")


class QuestionVoices:
    """A context manager; open, it asks at each newly closed 5-minute candle of the folder."""

    def __init__(
        self,
        folder: Path,
        limits: Limits,
        look_every_s: float = _LOOK_EVERY_S,
        now: Callable[[], pd.Timestamp] = wall_clock,
    ) -> None:
        self.folder, self.limits, self._every_s, self._now = folder, HourLimits.of(limits), look_every_s, now
        self._ended = threading.Event()
        self._changed = threading.Condition()
        self._wanted: frozenset[str] = frozenset()
        self._said: dict[str, tuple[pd.Timestamp, str]] = {}
        self._seen: dict[str, tuple[int, int]] = {}
        #: The candle that was asked about last; a name that comes to be wanted before the next one is asked about it too.
        self._newest: pd.Timestamp | None = None
        self._thread = threading.Thread(target=self._run, name="question voices", daemon=True)

    def __enter__(self) -> QuestionVoices:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with self._changed:
            self._changed.notify_all()
        # What is on its way ends with this program: its process follows a pipe of ours.
        self._thread.join(timeout=_LEAVE_S)

    def heard(self, names: Sequence[str], close: pd.Timestamp) -> Mapping[str, str]:
        """LONG, SHORT, none or unknown by name, of the candle that closed at `close`."""
        with self._changed:
            self._wanted |= frozenset(names)
            self._changed.wait_for(lambda: self._ended.is_set() or self._all_said(names, close), WAIT_S)
            return {name: self._voice(name, close) for name in names}

    def _all_said(self, names: Sequence[str], close: pd.Timestamp) -> bool:
        return all(name in self._said and self._said[name][0] >= close for name in names)

    def _voice(self, name: str, close: pd.Timestamp) -> str:
        at, word = self._said.get(name, (None, UNKNOWN))
        return word if at == close else UNKNOWN

    def _run(self) -> None:
        while not self._ended.wait(self._every_s):
            try:
                self._look()
            except Exception:  # what cannot be asked is unknown, and the loop goes on
                continue

    def _look(self) -> None:
        if self._has_changed(INSIGHTS_FILE):
            with self._changed:
                self._wanted = frozenset(questions_told(read_prompt(self.folder).text))
        wanted = self._wanted
        if not wanted:
            return
        if not self._has_changed(CANDLE_FILES["5min"]):
            wanted = frozenset(name for name in wanted if self._said.get(name, (None,))[0] != self._newest)
            if not wanted:
                return
        history = window_history(self.folder, self._now(), "")
        self._newest = history.newest
        kept = {line.question: line for line in followed_now(self.folder)}
        for name in sorted(wanted):
            if not self._ended.is_set():
                self._ask(name, kept.get(name), history)

    def _ask(self, name: str, kept: Kept | None, history: History) -> None:
        word = UNKNOWN
        if kept is not None:
            try:
                said = ask_in_process(read_copy(self.folder, kept), history.candles_5min, self.limits)
                word = WORDS[int(said[-1])]
            except RibbonError:  # the next cycle says what is wrong with it
                word = UNKNOWN
        with self._changed:
            self._said[name] = (history.newest, word)
            self._changed.notify_all()

    def _has_changed(self, name: str) -> bool:
        """Whether a file of the folder is another one than at the last look."""
        try:
            found = (self.folder / name).stat()
        except OSError:
            return False
        mark = (found.st_mtime_ns, found.st_size)
        changed = self._seen.get(name) != mark
        self._seen[name] = mark
        return changed
