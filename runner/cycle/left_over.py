"""What cycles that were killed left half done: cleared by the next one, under the lock that says that none is at work.

Temporary folders of their notebooks and processes are cleared by whoever makes one (runner.processes.scratch); what they were pruning, by
the next pruning (runner.cycle.prune).
"""

from __future__ import annotations

import os
from pathlib import Path

from lib.data.atomic import clear_unfinished
from lib.data.window_file import remove_window_file
from lib.lessons.rebuilding import clear_unfinished_ledger
from lib.prompt.archive import FOLDER
from runner.cycle.manifest import read_manifests


def clear_left_over(trading_data: Path, outputs: Path) -> None:
    """Delete files that no living process is writing, in the data folder, in the outputs and in the run folders of killed cycles."""
    clear_unfinished_ledger(trading_data)
    for folder in (trading_data, trading_data / FOLDER, outputs):
        clear_unfinished(folder)
    # One that runs no more and yet says so was killed; the others ended by themselves and left nothing.
    for manifest in read_manifests(outputs):
        if manifest.status == "running":
            for folder, _, _ in os.walk(outputs / manifest.cycle):
                clear_unfinished(folder)
            remove_window_file(outputs / manifest.cycle)
