from __future__ import annotations

import json
from typing import NamedTuple

import pytest

from bench.evidence.runs import Bench, KeptRuns, benches, quantile, share


def draw(rng):
    return float(rng.random())


def test_a_run_depends_on_its_name_and_number_alone(capsys):
    few, many = Bench(scale=0.1).runs("a", draw, 50), Bench().runs("a", draw, 50)
    assert few == many[:5] and len(set(many)) == 50
    assert Bench().runs("b", draw, 50)[0] != many[0]
    assert "a: 50 of 50 runs" in capsys.readouterr().err


class Drawn(NamedTuple):
    number: float
    word: str | None


def draw_both(rng):
    return Drawn(float(rng.random()), None)


def test_an_interrupted_bench_goes_on_where_it_was(tmp_path):
    path, marks = tmp_path / "runs", {"method": 7}
    whole = Bench().runs("a", draw_both, 6)

    def interrupted(rng):
        if len(Bench(kept=KeptRuns(path, marks)).kept.of("a")) == 4:
            raise KeyboardInterrupt
        return draw_both(rng)

    with pytest.raises(KeyboardInterrupt):
        Bench(kept=KeptRuns(path, marks)).runs("a", interrupted, 6, Drawn._make)
    with path.open("a") as file:
        file.write('["a", 4, [0.1')  # and it was half written
    kept, again = KeptRuns(path, marks), []

    def counted(rng):
        again.append(1)
        return draw_both(rng)

    assert Bench(kept=kept).runs("a", counted, 6, Drawn._make) == whole and len(again) == 2
    assert Bench(kept=KeptRuns(path, marks)).runs("a", interrupted, 6, Drawn._make) == whole
    assert len(path.read_text().splitlines()) == 7


def test_runs_with_the_same_seeds_are_kept_apart(tmp_path):
    bench = Bench(kept=KeptRuns(tmp_path / "runs", {}))
    plain = bench.runs("a", draw, 3)
    other = bench.runs("a", lambda rng: -draw(rng), 3, version="other")
    assert other == [-value for value in plain]


def test_runs_of_another_ledger_are_done_anew(tmp_path):
    path = tmp_path / "runs"
    Bench(kept=KeptRuns(path, {"method": 6})).runs("a", draw, 3)
    assert KeptRuns(path, {"method": 6}).of("a") and not KeptRuns(path, {"method": 7}).of("a")
    assert json.loads(path.read_text()) == {"method": 7}


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
