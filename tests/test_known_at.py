"""docs/guarantees.md, C4: no published number uses a row that was not known at `as_of`. Later rows are cut off, or poisoned; nothing may
change."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lib.analysis.run import analyze_window
from lib.data.window import load_window, newest_known_at
from lib.market.terms import DEFAULT_TERMS
from runner.lookahead.folder import alter_folder


def published(folder: Path, as_of: pd.Timestamp) -> dict[str, object]:
    """Everything that the four analyses publish, as JSON-ready dicts."""
    return {
        name: result.model_dump()
        for name, result in analyze_window(load_window(folder, as_of), DEFAULT_TERMS).items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("hours_before_end", [2.0, 7.03, 31.4])
@pytest.mark.parametrize("how", ["cut", "poison"])
def test_nothing_published_depends_on_later_rows(sample_data, tmp_path, hours_before_end, how):
    as_of = (newest_known_at(sample_data) - pd.Timedelta(hours=hours_before_end)).floor("s")
    honest = published(sample_data, as_of)
    assert honest["actual_trades"]["result"]["total_trades"] > 0
    altered = alter_folder(sample_data, tmp_path / how, as_of, how)
    assert min(altered.later.values()) > 0
    assert published(tmp_path / how, as_of) == honest
