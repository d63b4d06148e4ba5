from __future__ import annotations

import pytest

from bench import catch_up
from bench.__main__ import BENCHMARKS

pytestmark = pytest.mark.slow


def test_hours_a_second_at_toy_size(tmp_path):
    assert BENCHMARKS["catch_up"] is catch_up.run
    (figure,) = catch_up.run(tmp_path, 1, 0.5).values()
    assert set(figure) == {"hours_per_s", "hours_per_s_10s"} and min(figure.values()) > 0
