"""One process that asks a question: `python -m runner.question.child`, the job as one line of JSON on stdin.

It leaves what was said in the job's `said` file (npy, int8) and {"checked", "both", "error"} as JSON in `verdict`; no such file means that
it did not reach its end. Stdin stays open as long as whoever asks lives; at its end this process goes.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

EXIT_ORPHANED = 9
_TOLD_EVERY_S = 0.5


def main() -> None:
    """Read the job, ask, leave what was said and the verdict."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks hears Ctrl-C, and ends this process
    line = b""
    while not line.endswith(b"\n"):
        if not (part := os.read(0, 1 << 16)):
            sys.exit(EXIT_ORPHANED)
        line += part
    threading.Thread(target=_follow, daemon=True).start()
    job = json.loads(line)
    verdict = run(job)
    place = Path(job["verdict"])
    unfinished = place.with_suffix(".part")
    unfinished.write_text(json.dumps(verdict), encoding="utf-8")
    unfinished.replace(place)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # the thread that follows stdin would hold its lock


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Ask the question over all rows, and with `check` behind cuts as well.

    {"checked": rows, "both": rows of which both conditions held, "error": what a person is told, or ""}.
    """
    import numpy as np

    from lib.errors import QuestionError
    from lib.questions.answering import answer_of, compiled, error_of
    from lib.questions.file import Question
    from lib.questions.frames import question_frames
    from lib.questions.peeking import check_peeking

    question = Question(job["name"], job["claim"], job["sha256"], job["text"], Path(job["path"]), None)
    frames, checked, both = question_frames(read_rows(Path(job["rows"]))), 0, 0
    try:
        directions = compiled(question)
        said, both = answer_of(question, directions, frames)
        np.save(job["said"], said, allow_pickle=False)
        if job["check"]:
            count = None if job["count"] < 0 else job["count"]
            checked = check_peeking(question, frames, said, count, _told(Path(job["progress"])), job["first"])
    except QuestionError as error:
        return {"checked": checked, "both": both, "error": str(error)}
    except KeyboardInterrupt as error:  # its own: that of a person is not heard here
        return {"checked": checked, "both": both, "error": str(error_of(question, error, frames))}
    return {"checked": checked, "both": both, "error": ""}


def write_rows(place: Path, candles_5min: Any) -> None:
    """5-minute candles as arrays, for `read_rows`."""
    import numpy as np

    from lib.market.readings import instants
    from lib.questions.frames import COLUMNS

    columns = {name: candles_5min[name].to_numpy(float) for name in COLUMNS}
    np.savez(place, closed_at=instants(candles_5min["closed_at"]), **columns)


def read_rows(place: Path) -> Any:
    """The candles that `write_rows` left: what a question's frames are made of."""
    import numpy as np
    import pandas as pd

    from lib.contract.times import times_index
    from lib.questions.frames import COLUMNS

    with np.load(place, allow_pickle=False) as arrays:
        return pd.DataFrame(
            {name: arrays[name] for name in COLUMNS} | {"closed_at": times_index(arrays["closed_at"])}
        )


def _told(place: Path) -> Any:
    last = [time.monotonic()]

    def tell(done: int, total: int) -> None:
        if time.monotonic() - last[0] >= _TOLD_EVERY_S:
            place.write_text(f"{done} {total}", encoding="utf-8")
            last[0] = time.monotonic()

    return tell


def _follow() -> None:
    while os.read(0, 4096):
        pass
    os._exit(EXIT_ORPHANED)


if __name__ == "__main__":
    main()
