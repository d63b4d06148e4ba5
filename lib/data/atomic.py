"""Files that are replaced whole: whoever reads one at any instant sees the old text or the new one, never a part (docs/guarantees.md, D5).

And the one that grows by whole lines.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path


def replace_text(path: str | Path, text: str) -> None:
    """Writes `text` as UTF-8 beside `path`, makes it durable, and renames it over `path`. The folder must exist."""
    _replace(Path(path), text.encode("utf-8"), _mode(Path(path)))


def replace_keeping(path: str | Path, data: bytes) -> Path:
    """As replace_text, after what stood in `path` was kept beside it; the copy's path.

    The copy is named `<name>.before-<hash of what it holds>`, so that doing it again after a crash makes no second one.
    """
    target = Path(path)
    before, mode = target.read_bytes(), _mode(target)
    copy = target.with_name(f"{target.name}.before-{hashlib.sha256(before).hexdigest()[:12]}")
    if not (copy.is_file() and copy.read_bytes() == before):
        _replace(copy, before, mode)
    _replace(target, data, mode)
    return copy


def _replace(target: Path, data: bytes, mode: int) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(mode)  # mkstemp makes files that only their owner may read
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
