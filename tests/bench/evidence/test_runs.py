from __future__ import annotations

import pytest

from bench.evidence.runs import Bench, benches, quantile, share


def draw(rng):
    return float(rng.random())


def test_a_run_depends_on_its_name_and_number_alone(capsys):
    few, many = Bench(scale=0.1).runs("a", draw, 50), Bench().runs("a", draw, 50)
    assert few == many[:5] and len(set(many)) == 50
    assert Bench().runs("b", draw, 50)[0] != many[0]
    assert "a: 50 of 50 runs" in capsys.readouterr().err


@pytest.mark.slow
def test_processes_change_nothing():
    with benches(2, 1.0) as bench:
        assert bench.pool is not None
        assert bench.runs("a", draw, 9) == Bench().runs("a", draw, 9)


def test_a_share_has_its_exact_interval():
    # 1 − 0.025^(1/20): the upper end for none of twenty.
    assert share(0, 20) == {
        "runs": 20,
        "hits": 0,
        "share": 0.0,
        "interval": [0.0, round(1 - 0.025 ** (1 / 20), 5)],
    }


def test_runs_without_an_end_are_infinite():
    runs = [1.0] * 79 + [5.0] + [float("inf")] * 20
    found = quantile(runs, 0.8)
    assert found["value"] == 5.0 and found["interval"] == [1.0, None]
    assert quantile([*runs, float("inf")], 0.8)["value"] is None
