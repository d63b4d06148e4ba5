"""Candle files behind an fsspec address (s3://, gs://, https://): brought here once a process, into a folder that goes with it."""

from __future__ import annotations

import atexit
import shutil
from functools import cache
from pathlib import Path, PurePosixPath

from lib.errors import DataError, ParameterError
from runner.processes.scratch import private_folder, remove_folder


def local_file(candles: str) -> Path:
    """The file itself, or a copy of what an address names. Raises ParameterError without fsspec, DataError where it cannot be read."""
    return _copied(candles) if "://" in candles else Path(candles)


@cache
def _copied(address: str) -> Path:
    try:
        import fsspec
    except ImportError:
        raise ParameterError(
            f"{address} is an address, which takes the extra `grid`: pip install 'ribbon-lab[grid]', or name a path"
        ) from None
    folder = private_folder("rib-candles")
    atexit.register(remove_folder, folder)
    place = folder / (PurePosixPath(address.partition("://")[2]).name or "candles.csv")
    try:
        with fsspec.open(address, "rb") as source, place.open("wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
    except Exception as error:  # each kind of address has errors of its own
        raise DataError(
            f"{address} cannot be read: {' '.join(str(error).split())[:200] or type(error).__name__}",
            fix="Look at the address and at who may read it; some kinds need a package of theirs, as s3:// needs s3fs",
        ) from None
    return place
