"""Every prompt addition that was published, as `trading_data/prompts/<sha256>.md`, and what the lessons stood at, as `<sha256>.json`.

A file is named after what it holds, so writing it twice is harmless, and hours that say the same share one. Reading never trusts the name:
what a file holds is hashed again, and refused where it does not fit; and of what is longer than a prompt addition may be, no more is read
than shows that. Nothing here is ever deleted; one prompt an hour makes some 50 MB a year.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from lib import paths
from lib.contract.standing import file_bytes, open_file
from lib.data.atomic import replace_text
from lib.errors import DataError, MissingDataError, ParameterError, file_remedy

FOLDER = "prompts"
PROMPT, LESSON_STATES = ".md", ".json"
#: Bytes that are read of a prompt addition at most: what an earlier version composed, and a person may hold, was up to so long.
MOST_BYTES = 6000
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ArchiveEntry(NamedTuple):
    """A kept prompt addition: its hash, and its size in bytes."""

    sha256: str
    size: int


class Archive(NamedTuple):
    """All that are kept, by hash, and the names of files that do not hold what their name says."""

    prompts: list[ArchiveEntry]
    damaged: list[str]


def sha256_of(text: str) -> str:
    """The hash of a text's UTF-8 bytes, in lower-case hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_sha256(name: object) -> bool:
    """Whether this is the whole name of a hash."""
    return isinstance(name, str) and _SHA256.fullmatch(name) is not None


def archive_text(folder: str | Path | None, text: str, suffix: str = PROMPT) -> str:
    """Keep a text in a trading_data folder and return its hash; one that is there already, undamaged, is left alone. Raises OSError."""
    sha256 = sha256_of(text)
    path, data = _path(folder, sha256, suffix), text.encode()
    if not (path.is_file() and path.stat().st_size == len(data) and file_bytes(path) == data):
        path.parent.mkdir(exist_ok=True)
        replace_text(path, text)
    return sha256


def read_bounded(path: Path) -> bytes:
    """What a prompt addition's file holds. Raises OSError, and DataError for too long a one: no more is read."""
    with open_file(path) as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise DataError(
            f"is longer than the {MOST_BYTES:,} bytes of a prompt addition, so it is not used",
            path=path,
            fix="Delete it: no cycle wrote it",
        )
    return data


def read_archive(folder: str | Path | None, sha256: str, suffix: str = PROMPT) -> str:
    """The text of this hash. Raises MissingDataError where it is not kept, DataError where the file holds something else."""
    path = _path(folder, sha256, suffix)
    try:
        data = read_bounded(path) if suffix == PROMPT else file_bytes(path)
    except FileNotFoundError:
        raise MissingDataError(
            "is not kept", path=path, fix="`ribbon lessons prompts` lists what is"
        ) from None
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", path=path, fix=file_remedy(error)) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DataError(
            "does not hold what its name says, so it is not used",
            path=path,
            fix="Put the file back from a backup, or delete it",
        )
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise DataError("is no text", path=path, fix="Delete it: no cycle wrote it") from None


def load_archive(folder: str | Path | None = None) -> Archive:
    """What is kept in a trading_data folder; each file is read and hashed."""
    prompts, damaged = [], []
    for path in sorted((paths.trading_data(folder) / FOLDER).glob(f"*{PROMPT}")):
        try:
            text = read_archive(folder, path.stem)
        except (DataError, ParameterError):
            damaged.append(path.name)
            continue
        prompts.append(ArchiveEntry(path.stem, len(text.encode())))
    return Archive(prompts, damaged)


def _path(folder: str | Path | None, sha256: str, suffix: str) -> Path:
    if not is_sha256(sha256):
        raise ParameterError(f"{sha256!r} is not the SHA-256 of a prompt: 64 hex digits")
    return paths.trading_data(folder) / FOLDER / f"{sha256}{suffix}"
