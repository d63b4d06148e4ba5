from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import asdict

import pytest

from runner.cycle.inputs import Inputs
from runner.cycle.manifest import git_commit, new_manifest, notebook_entry, read_manifests, versions
from runner.cycle.models import NotebookOutcome
from runner.cycle.plan import NOTEBOOKS

INPUTS = Inputs(
    "2025-06-15T11:00:00Z", "2025-06-14T11:00:00Z", 24.0, {"label": "your trades"}, {"a.csv": {"bytes": 3}}
)


@pytest.fixture
def manifest():
    return new_manifest("20250615T110500Z", "2025-06-15T11:05:00Z", INPUTS, NOTEBOOKS, {"force": False})


def test_a_new_manifest_says_that_nothing_has_run(manifest):
    assert manifest.status == "running"
    assert manifest.parameters == {"as_of": INPUTS.as_of, "lookback_hours": 24.0, "force": False}
    assert {entry["status"] for entry in manifest.notebooks.values()} == {"waiting"}
    assert next(iter(manifest.notebooks)) == "01_actual_trades"


def test_it_is_written_and_read_back(tmp_path, manifest):
    (tmp_path / manifest.cycle).mkdir()
    manifest.write(tmp_path / manifest.cycle)
    assert json.loads((tmp_path / manifest.cycle / "manifest.json").read_text()) == asdict(manifest)
    assert read_manifests(tmp_path) == [manifest]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"status": "ok"}', '{"foreign": 1}'])
def test_a_manifest_that_cannot_be_read_is_left_out(tmp_path, text):
    (tmp_path / "20250615T110500Z").mkdir()
    (tmp_path / "20250615T110500Z" / "manifest.json").write_text(text)
    assert read_manifests(tmp_path) == []


def test_an_entry_holds_outcome_and_hash(tmp_path):
    (tmp_path / "n.ipynb").write_text("{}")
    outcome = NotebookOutcome(
        "n", "failed", "KeyError: 'a'", started="2025-06-15T11:00:00Z", seconds=2.5, attempts=1
    )
    entry = notebook_entry("N", outcome, tmp_path / "n.ipynb")
    assert entry["sha256"] == hashlib.sha256(b"{}").hexdigest()
    assert (entry["status"], entry["seconds"], entry["attempts"]) == ("failed", 2.5, 1)
    assert notebook_entry("N", outcome, tmp_path / "none.ipynb")["sha256"] is None


def test_versions_of_what_figures_depend_on():
    found = versions()
    assert {"python", "pandas", "papermill", "vectorbt"} <= set(found)


def test_the_commit_and_whether_files_differ_from_it(tmp_path, monkeypatch):
    def git(*arguments):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
        return subprocess.run(
            ["git", "-C", str(tmp_path), *identity, *arguments], check=True, capture_output=True, text=True
        )

    monkeypatch.setattr("runner.cycle.manifest.repository_root", lambda: tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git_commit() is None
    git("init")
    assert git_commit() is None  # no commit yet
    (tmp_path / "a").write_text("1")
    git("add", "a")
    git("commit", "-m", "first")
    head = git("rev-parse", "HEAD").stdout.strip()
    assert git_commit() == head
    (tmp_path / "a").write_text("2")
    assert git_commit() == f"{head}+changes"
