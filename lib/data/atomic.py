"""Files that are replaced whole: whoever reads one at any instant sees the old text or the new one, never a part (docs/guarantees.md, D5).

And the one that grows by whole lines.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path


def replace_text(path: str | Path, text: str) -> None:
    """Writes `text` as UTF-8 beside `path`, makes it durable, and renames it over `path`. The folder must exist."""
    target = Path(path)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(_mode(target))  # mkstemp makes files that only their owner may read
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def replace_json(path: str | Path, value: object) -> None:
    """`value` as indented JSON, keys in their own order. Raises ValueError for NaN and infinities: they are no JSON."""
    replace_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def append_line(path: str | Path, line: str) -> None:
    """`line` and a newline at the end of an existing file, durable; a write that fails or falls short leaves the file as it was."""
    data = line.encode("utf-8") + b"\n"
    with Path(path).open("ab") as file:
        end = file.seek(0, os.SEEK_END)
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            os.truncate(path, end)
            raise


def _mode(target: Path) -> int:
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        return 0o644


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
