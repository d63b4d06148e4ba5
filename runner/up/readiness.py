"""What a part of `ribbon up` needs of a folder before it can work: told from the files alone, as it is asked every few seconds."""

from __future__ import annotations

from pathlib import Path

from lib.contract.schema import CANDLE_FILES, DECISIONS_FILE, SAMPLE_FILES
from lib.contract.standing import open_file

#: Whatever a cycle reads of the market; one-minute candles are read where there are some.
_READ = (*SAMPLE_FILES.values(), *(file for name, file in CANDLE_FILES.items() if name != "1min"))


def lacks_samples(folder: Path) -> str:
    """What the loop lacks, in words; "" once there is a first sample."""
    if any(_has_row(folder / file) for file in SAMPLE_FILES.values()):
        return ""
    return f"there is no sample in {folder} yet; the collector writes the first one"


def lacks_data(folder: Path) -> str:
    """What a cycle lacks, in words; "" once there are samples and candles of both charts, or trades alone."""
    found = [_has_row(folder / file) for file in _READ]
    if all(found) or (not any(found) and _has_row(folder / DECISIONS_FILE)):
        return ""
    missing = [file for file, there in zip(_READ, found, strict=True) if not there]
    return f"{', '.join(missing)} in {folder} have no row yet; the first cycle runs when they have"


def _has_row(path: Path) -> bool:
    """Whether a table has a whole line below its header."""
    try:
        with open_file(path) as lines:
            return next(lines, b"").endswith(b"\n") and next(lines, b"").endswith(b"\n")
    except OSError:
        return False
