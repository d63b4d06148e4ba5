"""What a killed cycle left is cleared by the next one, and nothing else."""

from __future__ import annotations

import fcntl
import json

from runner.cycle.inputs import Inputs
from runner.cycle.left_over import clear_left_over
from runner.cycle.manifest import new_manifest
from runner.cycle.plan import NOTEBOOKS


def cycle_folder(outputs, name: str, status: str):
    run_dir = outputs / name
    (run_dir / "results").mkdir(parents=True)
    inputs = Inputs("2025-06-15T11:00:00Z", "2025-06-14T11:00:00Z", 24.0, {"label": "label"}, {})
    manifest = new_manifest(name, "2025-06-29T00:00:00Z", inputs, NOTEBOOKS, {})
    manifest.status = status
    manifest.write(run_dir)
    return run_dir


def test_half_written_files_go_and_those_of_a_living_writer_stay(tmp_path):
    data, outputs = tmp_path / "data", tmp_path / "outputs"
    (data / "prompts").mkdir(parents=True)
    killed = cycle_folder(outputs, "20250629T000000Z", "running")
    ended = cycle_folder(outputs, "20250629T010000Z", "ok")
    left = [
        data / ".lessons.sqlite.new",
        data / ".lessons.sqlite.new-journal",
        data / "prompts" / ".a.md.abcdefgh.new",
    ]
    left += [data / ".training_insights.json.abcdefgh.new", outputs / ".index.html.abcdefgh.new"]
    left += [killed / ".manifest.json.abcdefgh.new", killed / "results" / ".x.json.abcdefgh.new"]
    left += [killed / "window.npz", killed / ".window.npz.new"]
    stays = [data / "mine.new", data / ".mine.new", data / "lessons.sqlite", ended / ".mine.abcdefgh.new"]
    for path in [*left, *stays, data / ".living.csv.abcdefgh.new"]:
        path.write_text(path.name)
    with (data / ".living.csv.abcdefgh.new").open() as living:
        fcntl.flock(living, fcntl.LOCK_EX)
        clear_left_over(data, outputs)
        assert (data / ".living.csv.abcdefgh.new").exists()
    assert [path for path in left if path.exists()] == []
    assert all(path.exists() for path in stays)
    assert json.loads((killed / "manifest.json").read_text())["status"] == "running"
    clear_left_over(data, outputs)
    assert not (data / ".living.csv.abcdefgh.new").exists()
