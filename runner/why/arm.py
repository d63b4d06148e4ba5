"""Which arm of an experiment was asked at a decision, out of the experiments' log as it stood then."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib.contract.times import microseconds
from lib.contract.visible import visible
from lib.experiments.folder import experiments_in
from lib.experiments.wording import going_back_words


def arm_words(folder: Path, at: pd.Timestamp) -> str:
    """The arm in force at the tick `at`, in words; "" where no experiment chose who is asked. Raises DataError, OSError."""
    log = experiments_in(folder, microseconds(at))
    if (back := log.rolled_back) is not None:
        return visible(going_back_words(back))
    rows = log.newest
    if rows is None or (block := rows.open_block) is None:
        return ""
    arm = rows.definition.arm(block.arm)
    return visible(
        f"{arm.name}: arm {block.arm} of experiment {rows.definition.id}, drawn for block {block.block}"
    )
