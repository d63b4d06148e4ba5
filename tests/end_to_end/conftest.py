"""A market that goes on in real time where a simulated folder ends, and the run over it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from lib.data.newest import newest_known_at
from tests.chart_page.market import PageMarket
from tests.chart_page.server import ChartPage
from tests.end_to_end.rig import Rig
from tests.messages_server import MessagesServer


@pytest.fixture
def server() -> Iterator[MessagesServer]:
    with MessagesServer() as running:
        yield running


@pytest.fixture
def rig_with(chromium, server, tmp_path):
    """Make a run: its folder filled by `ribbon simulate` up to now, the chart page going on from there."""

    @contextmanager
    def made(days: float, seed: int, **options: float) -> Iterator[Rig]:
        filling = ["simulate", "--days", str(days), "--seed", str(seed), "--end", "now"]
        with (
            ChartPage(PageMarket.fresh(time.time())) as page,
            Rig(tmp_path, page, server, chromium, **options) as rig,
        ):
            rig.run(*filling, "--decisions", "none")
            newest = newest_known_at(rig.data)
            assert isinstance(newest, pd.Timestamp)
            rig.began = newest
            page.market = PageMarket.continuing(Path(rig.data), time.time(), seed)
            yield rig

    return made
