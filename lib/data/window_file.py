"""The frames of one window as a file in a cycle's run folder: the cycle parses the window once, and each notebook takes it from there.

What would surprise: the file is never trusted for being there. It names the folder, the bounds, the zone, the code that wrote it, and the
very bytes that the frames were read from; whoever takes it looks at the same bytes and at what was appended (lib.data.looked), and parses
where a parse could give anything else. So it can be deleted at any time, and whoever has none gets the same frames. It holds no pickle:
numbers and times are arrays, words are codes into a list.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lib import contract, data, market
from lib.contract.standing import open_file
from lib.contract.times import Instant, microseconds_or_none, times_index
from lib.data.looked import Looked
from lib.data.rows import RowCounts

WINDOW_FILE = "window.npz"
UNFINISHED = ".window.npz.new"
_FORMAT = "ribbon-window/1"
_HEAD = "head"
_TIMES = "datetime64[us, UTC]"
#: Columns of one type lie together, a row of the array for each.
_KINDS = {"float64": "numbers", "bool": "flags", "str": "words", _TIMES: "times"}

Frames = dict[str, pd.DataFrame]


def window_key(folder: Path, start: Instant, until: Instant, zone: object) -> str:
    """What must be the same for a file's frames to be those of a window, beside the bytes: whose, from when to when, and by which code."""
    bounds = [microseconds_or_none(start), microseconds_or_none(until)]
    return json.dumps([_FORMAT, str(folder), *bounds, str(zone or ""), _code()])


def write_window_file(
    run_dir: Path, key: str, looked: Mapping[str, Looked], frames: Frames, counts: Mapping[str, RowCounts]
) -> None:
    """Leave the frames in the run folder, whole or not at all; raises OSError."""
    arrays: dict[str, np.ndarray] = {}
    told = {name: _packed(name, frame, arrays) for name, frame in frames.items()}
    head = {
        "key": key,
        "looked": {name: found.as_dict() for name, found in looked.items()},
        "frames": told,
        "counts": {name: asdict(found) for name, found in counts.items()},
    }
    arrays[_HEAD] = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
    unfinished = run_dir / UNFINISHED
    with unfinished.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)
    unfinished.replace(run_dir / WINDOW_FILE)


def read_window_file(
    run_dir: Path, key: str, holds: Callable[[Mapping[str, Looked]], bool]
) -> tuple[Frames, dict[str, RowCounts]] | None:
    """Frames and counts as they were written; None where there is no such file, it is another window's, or it is damaged.

    `holds` says whether what the frames were parsed from, by file name, is still what a parse would give.
    """
    try:
        with open_file(run_dir / WINDOW_FILE) as stream, np.load(stream, allow_pickle=False) as arrays:
            head = json.loads(arrays[_HEAD].tobytes())
            looked = {name: Looked.from_json(told) for name, told in head["looked"].items()}
            if head["key"] != key or not holds(looked):
                return None
            frames = {name: _unpacked(name, told, arrays) for name, told in head["frames"].items()}
    except Exception:  # whatever is wrong with it, the CSVs hold the same
        return None
    return frames, {name: RowCounts(**found) for name, found in head["counts"].items()}


def remove_window_file(run_dir: Path) -> None:
    """Nobody takes it any more, and it has megabytes; also one whose writer was killed."""
    for name in (WINDOW_FILE, UNFINISHED):
        (run_dir / name).unlink(missing_ok=True)


def _packed(name: str, frame: pd.DataFrame, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Put the frame's columns into `arrays`; returns what else it takes to make it again."""
    columns = [(column, _KINDS[str(frame[column].dtype)]) for column in frame.columns]
    words: dict[str, list[str]] = {}
    by_kind: dict[str, list[np.ndarray]] = {}
    for column, kind in columns:
        values = frame[column]
        if kind == "words":
            codes, found = pd.factorize(values)
            words[column] = found.tolist()
            by_kind.setdefault(kind, []).append(codes.astype(np.int32))
        else:
            by_kind.setdefault(kind, []).append(_instants(values) if kind == "times" else values.to_numpy())
    arrays |= {f"{name}.{kind}": np.vstack(values) for kind, values in by_kind.items()}
    index = frame.index
    if isinstance(index, pd.RangeIndex):
        return {"columns": columns, "words": words, "range": [index.start, index.stop, index.step]}
    arrays[f"{name}.index"] = _instants(index)
    return {"columns": columns, "words": words}


def _unpacked(name: str, told: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> pd.DataFrame:
    kinds = {kind for _, kind in told["columns"]}
    rows = {kind: iter(arrays[f"{name}.{kind}"]) for kind in kinds}
    index = pd.RangeIndex(*told["range"]) if "range" in told else times_index(arrays[f"{name}.index"])
    columns: dict[str, Any] = {}
    for column, kind in told["columns"]:
        values = next(rows[kind])
        if kind == "words":
            columns[column] = pd.array(told["words"][column], dtype="str").take(values, allow_fill=True)
        else:
            columns[column] = times_index(values).array if kind == "times" else values
    return pd.DataFrame(columns, index=index, copy=False)


def _instants(values: pd.Series | pd.Index) -> np.ndarray:
    """UTC microseconds (n,) int64; a missing time is the smallest."""
    return pd.DatetimeIndex(values).asi8


@cache
def _code() -> str:
    """A name for the code that makes frames of bytes, as it lies on the disk, and for the libraries it does so with."""
    known = [pd.__version__, np.__version__]
    for package in (contract, data, market):
        for path in sorted(Path(package.__path__[0]).glob("*.py")):
            state = path.stat()
            known.append(f"{path}:{state.st_size}:{state.st_mtime_ns}")
    return hashlib.sha256("\n".join(known).encode()).hexdigest()
