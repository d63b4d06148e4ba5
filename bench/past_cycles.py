"""What months of hourly cycles leave behind: a history with a record an hour, and the folders of cycles that pruning keeps.

Both are multiplied from one real cycle under other times; the folders share the bytes of its pages by hard links.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

from lib.contract.times import iso
from lib.data.atomic import replace_json, replace_text
from runner.cycle.prune import MANIFEST, started_at, to_remove

HOUR = pd.Timedelta(hours=1)


def write_history(path: Path, record: str, hours: int, newest: pd.Timestamp) -> None:
    """A record for each of so many hours up to `newest`, like the line `record`."""
    like = json.loads(record)
    lines = []
    for number in range(1, hours + 1):
        at = newest - (hours - number) * HOUR
        since_last = like["since_last"] | {"since": iso(at - HOUR)}
        times = {"cycle_number": number, "timestamp": iso(at), "since_last": since_last}
        lines.append(json.dumps(like | times, ensure_ascii=False) + "\n")
    replace_text(path, "".join(lines))


def kept_cycles(hours: int, now: datetime) -> list[str]:
    """Names of hourly cycles, the newest an hour ago, that it has left after pruning; what this hour's is to prune is among them."""
    names = [f"{now - timedelta(hours=ago):%Y%m%dT%H%M%SZ}" for ago in range(1, hours + 1)]
    gone = set(to_remove(names, now - timedelta(hours=1), names[0]))
    return [name for name in names if name not in gone]


def write_cycles(outputs: Path, names: Iterable[str], run_dir: Path) -> None:
    """Those of the folders that are not there, like `run_dir`."""
    like = json.loads((run_dir / MANIFEST).read_text(encoding="utf-8"))
    for name in names:
        found = started_at(name)
        if found is None or (outputs / name).exists():
            continue
        shutil.copytree(run_dir, outputs / name, copy_function=os.link)
        started = f"{found[0]:%Y-%m-%dT%H:%M:%SZ}"
        parameters = like["parameters"] | {"as_of": started}
        replace_json(
            outputs / name / MANIFEST, like | {"cycle": name, "started": started, "parameters": parameters}
        )
