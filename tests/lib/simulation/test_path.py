from __future__ import annotations

import numpy as np
import pytest

from lib.simulation.path import StepPath, VolatilityModel, draw_volumes, to_price


def generator(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def even_path(steps: int, spread_pct: float = 0.1, seed: int = 1) -> StepPath:
    return StepPath(generator(seed), np.full(steps, spread_pct), 10)


def test_extremes_lie_around_the_ends_of_every_step() -> None:
    path = even_path(5_000)
    before = np.concatenate([[0.0], path.close[:-1]])
    assert (path.high >= np.maximum(before, path.close)).all()
    assert (path.low <= np.minimum(before, path.close)).all()


def test_a_level_is_reached_as_often_as_on_a_continuous_path() -> None:
    # Reflection: P(maximum of one step > s) = 2 (1 − Φ(1)) = 0.3173; at the steps' ends alone it would be 0.1587.
    path = even_path(40_000)
    before = np.concatenate([[0.0], path.close[:-1]])
    share = float((path.high - before > 0.001).mean())
    assert share == pytest.approx(0.3173, abs=0.01)


def test_the_price_is_a_martingale() -> None:
    ratios = [np.exp(even_path(400, spread_pct=0.3, seed=seed).close[-1]) for seed in range(2_000)]
    # Standard deviation of the whole move: 0.003 · √400 = 0.06; its mean is 1 within 4 standard errors.
    assert np.mean(ratios) == pytest.approx(1.0, abs=4 * 0.06 / np.sqrt(2_000))


def test_drift_bends_its_steps_and_shifts_what_follows() -> None:
    path, bent = even_path(100), even_path(100)
    drift = np.full(10, 0.001)
    close, high, low = bent.with_drift(20, drift)
    assert np.array_equal(bent.close, path.close)
    bent.add_drift(20, drift)
    assert np.array_equal(bent.close[:20], path.close[:20])
    assert np.array_equal(bent.close[20:30], close)
    assert close - path.close[20:30] == pytest.approx(np.cumsum(drift))
    for name in ("close", "high", "low"):
        assert getattr(bent, name)[30:] - getattr(path, name)[30:] == pytest.approx(np.full(70, 0.01))
    assert (high >= close).all() and (low <= close).all()


def test_a_price_is_set_at_a_step_and_lies_on_the_tick_grid() -> None:
    path = even_path(50)
    path.set_price(7, 2500.0)
    prices = to_price(path.close)
    assert prices[7] == 2500.0
    assert np.array_equal(prices, np.round(prices, 2))


def test_volatility_clusters_over_minutes_hours_and_the_day() -> None:
    minutes = np.arange(60 * 1440) % 1440
    spread = VolatilityModel().draw(generator(3), minutes.astype(float), 1.0)
    logs = np.log(spread)

    def memory(lag: int) -> float:
        return float(np.corrcoef(logs[:-lag], logs[lag:])[0, 1])

    assert memory(1) > memory(30) > memory(600) > 0.02
    assert 0.05 < np.median(spread) < 0.11
    afternoon, night = (float(np.exp(logs[minutes // 60 == hour].mean())) for hour in (14, 4))
    assert afternoon > 1.3 * night


def test_the_step_changes_the_variance_of_a_minute_little() -> None:
    coarse = VolatilityModel().draw(generator(5), np.arange(20 * 1440) % 1440.0, 1.0)
    fine = VolatilityModel().draw(generator(6), np.arange(20 * 8640) / 6 % 1440.0, 1 / 6)
    per_minute = np.sqrt((fine.reshape(-1, 6) ** 2).sum(axis=1))
    assert np.median(per_minute) == pytest.approx(np.median(coarse), rel=0.25)


def test_volume_grows_with_the_move() -> None:
    spread = np.full(4_000, 0.075)
    moves = np.abs(spread * generator(1).standard_normal(4_000))
    volumes = draw_volumes(generator(2), spread, moves)
    large = moves > np.median(moves)
    assert (volumes > 0).all()
    assert np.median(volumes[large]) > 1.2 * np.median(volumes[~large])
