from __future__ import annotations

from bench.window_load import run


def test_both_ways_find_the_same_day(tmp_path):
    (figure,) = run(tmp_path, days=3).values()
    assert figure["rows"] == 3 * 8640 + 4 * 360 and figure["file_bytes"] > 400 * figure["rows"]
    assert figure["ours_s"] > 0 and figure["other"] == "pandas.read_csv of the file"
