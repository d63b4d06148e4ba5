from __future__ import annotations

from datetime import UTC, datetime

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


def test_the_rule():
    # 30 June 12:00. Seven days back is 23 June 12:00; 90 days back is 1 April 12:00.
    kept = [
        "20250630T110000Z",
        "20250623T120000Z",
        "20250623T110000Z-2",
        "20250622T230000Z",
        "20250402T080000Z",
    ]
    given_up = ["20250401T110000Z", "20250402T070000Z", "20250622T100000Z", "20250622T220000Z"]
    # 23 June 11:00 is older than seven days; the last of that day, 12:00, stays, so 11:00 and its second go.
    kept.remove("20250623T110000Z-2")
    given_up += ["20250623T110000Z", "20250623T110000Z-2"]
    assert sorted(to_remove(kept + given_up, NOW)) == sorted(given_up)


def test_the_newest_stays_however_old():
    assert to_remove(["20240101T000000Z", "20240101T000001Z"], NOW) == ["20240101T000000Z"]
    assert to_remove([], NOW) == []


def test_only_cycles_are_touched(tmp_path):
    for name in ("20250101T000000Z", "20250101T010000Z", "20250102T000000Z", "20250103T000000Z", "mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    (tmp_path / "20250101T010000Z" / "manifest.json").unlink()  # somebody's own folder under a cycle's name
    (tmp_path / "20250104T000000Z").symlink_to(tmp_path / "20250101T000000Z")
    (tmp_path / "20250105T000000Z").write_text("a file")
    assert prune(tmp_path, NOW) == ["20250101T000000Z", "20250102T000000Z"]
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["20250101T010000Z", "20250103T000000Z", "20250104T000000Z", "20250105T000000Z", "mine"]


def test_a_removal_cut_short_is_finished_by_the_next(tmp_path):
    (tmp_path / ".pruned-20250101T000000Z").mkdir()
    (tmp_path / ".pruned-mine").mkdir()
    prune(tmp_path, NOW)
    assert [path.name for path in tmp_path.iterdir()] == [".pruned-mine"]


def test_order_is_by_number_within_a_second(tmp_path):
    for name in ("20250101T000000Z", "20250101T000000Z-2", "20250101T000000Z-10", "20241231T000000Z"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    found = [path.name for path in cycle_folders(tmp_path)]
    assert found == ["20250101T000000Z-10", "20250101T000000Z-2", "20250101T000000Z", "20241231T000000Z"]
