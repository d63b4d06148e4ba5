from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from runner.cycle.prune import cycle_folders, prune, started_at, to_remove

NOW = datetime(2025, 6, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("20250615T110000Z", (datetime(2025, 6, 15, 11, tzinfo=UTC), 1)),
        ("20250615T110000Z-2", (datetime(2025, 6, 15, 11, tzinfo=UTC), 2)),
        ("20251315T110000Z", None),
        ("20250615T110000Z-x", None),
        ("latest", None),
        ("x20250615T110000Z", None),
    ],
)
def test_names_of_cycles(name, found):
    assert started_at(name) == found


def hourly(newest: datetime, count: int) -> list[str]:
    """Names of so many cycles, the newest first."""
    return [f"{newest - timedelta(hours=ago):%Y%m%dT%H%M%SZ}" for ago in range(count)]


RUNNING = "20250630T120000Z"
#: The last ones, which stay whatever their age: the newest is of 30 June 11:00, from which age counts.
LAST = hourly(datetime(2025, 6, 30, 11, tzinfo=UTC), 24)


def test_the_rule():
    # Seven days before 30 June 11:00 is 23 June 11:00; 90 days before is 1 April 11:00.
    kept = [
        "20250623T110000Z",
        "20250623T120000Z",
        "20250622T230000Z",
        "20250402T080000Z",
        "20250401T110000Z",
    ]
    given_up = ["20250401T100000Z", "20250402T070000Z", "20250622T100000Z", "20250622T220000Z"]
    given_up += ["20250623T103000Z", "20250331T120000Z"]
    found = to_remove([RUNNING, *LAST, *kept, *given_up], NOW, RUNNING)
    assert found == sorted(given_up)


def test_the_last_24_stay_however_old():
    names = hourly(datetime(2024, 1, 1, tzinfo=UTC), 26)
    assert to_remove([RUNNING, *names], NOW, RUNNING) == []  # within a week of the newest of them
    assert to_remove([RUNNING, *names[:24], "20200101T000000Z"], NOW, RUNNING) == ["20200101T000000Z"]
    assert to_remove([RUNNING, *names[:23], "20200101T000000Z"], NOW, RUNNING) == []
    assert to_remove([RUNNING], NOW, RUNNING) == to_remove([], NOW, RUNNING) == []


@pytest.mark.parametrize("year", [1970, 2024, 2099])
def test_a_wrong_clock_prunes_nothing(year):
    """Neither ahead nor back; and put right again, it prunes nothing of what lies after it."""
    names = hourly(NOW - timedelta(hours=1), 7 * 24)
    wrong = datetime(year, 3, 1, tzinfo=UTC)
    running = f"{wrong:%Y%m%dT%H%M%SZ}"
    assert to_remove([running, *names], wrong, running) == []
    right = to_remove([RUNNING, running, *names], NOW, RUNNING)
    assert right == ([] if year == 2099 else [running])


def test_a_clock_that_stays_wrong_leaves_the_last_24():
    names = hourly(NOW - timedelta(hours=1), 100)
    wrong = hourly(datetime(2099, 3, 1, 5, tzinfo=UTC), 6)
    gone = to_remove([*wrong, *names], datetime(2099, 3, 1, 5, tzinfo=UTC), wrong[0])
    assert set(names) - set(gone) == set(names[: 24 - 5])


def folders(outputs: Path, names) -> None:
    for name in names:
        (outputs / name).mkdir()
        (outputs / name / "manifest.json").write_text("{}")


def test_only_cycles_are_touched(tmp_path):
    folders(tmp_path, [*LAST, "20250101T000000Z", "20250101T010000Z", "20250102T000000Z", "mine"])
    (tmp_path / "20250101T010000Z" / "manifest.json").unlink()  # somebody's own folder under a cycle's name
    (tmp_path / "20250104T000000Z").symlink_to(tmp_path / "20250101T000000Z")
    (tmp_path / "20250105T000000Z").write_text("a file")
    assert prune(tmp_path, NOW, RUNNING) == ["20250101T000000Z", "20250102T000000Z"]
    names = {path.name for path in tmp_path.iterdir()} - set(LAST)
    assert names == {"20250101T010000Z", "20250104T000000Z", "20250105T000000Z", "mine"}


def test_a_removal_cut_short_is_finished_by_the_next(tmp_path):
    (tmp_path / ".pruned-20250101T000000Z").mkdir()
    (tmp_path / ".pruned-mine").mkdir()
    prune(tmp_path, NOW, RUNNING)
    assert [path.name for path in tmp_path.iterdir()] == [".pruned-mine"]


def test_what_cannot_be_moved_or_stands_in_the_way_ends_no_cycle(tmp_path, monkeypatch):
    folders(tmp_path, [*LAST, "20250101T000000Z", "20250102T000000Z"])
    (tmp_path / ".pruned-20250102T000000Z" / "left").mkdir(parents=True)  # and the cycle was put back
    rename = Path.rename

    def refused(path, target):
        if path.name == "20250101T000000Z":
            raise OSError(16, "Device or resource busy")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refused)
    assert prune(tmp_path, NOW, RUNNING) == ["20250102T000000Z"]
    assert {path.name for path in tmp_path.iterdir()} == {*LAST, "20250101T000000Z"}


def test_order_is_by_number_within_a_second(tmp_path):
    for name in ("20250101T000000Z", "20250101T000000Z-2", "20250101T000000Z-10", "20241231T000000Z"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    found = [path.name for path in cycle_folders(tmp_path)]
    assert found == ["20250101T000000Z-10", "20250101T000000Z-2", "20250101T000000Z", "20241231T000000Z"]
