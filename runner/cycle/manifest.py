"""The manifest of a cycle: what it was given, what it ran on, how each notebook ended. All clock stamps and timings live here alone."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from lib.contract.standing import file_bytes, file_text
from lib.data.atomic import replace_json
from lib.errors import ParameterError
from lib.paths import repository_root
from runner.cycle.inputs import Inputs
from runner.cycle.models import NotebookOutcome
from runner.cycle.plan import Notebook
from runner.cycle.prune import MANIFEST, cycle_folders

_FORMAT = "ribbon-cycle/1"
CycleStatus = Literal["running", "ok", "partial", "failed", "interrupted"]
#: The name of this program among the versions.
PROGRAM = "ribbon-lab"
_PACKAGES = (
    PROGRAM,
    "pandas",
    "numpy",
    "scipy",
    "matplotlib",
    "vectorbt",
    "vectorbt-rust",
    "papermill",
    "nbclient",
    "ipykernel",
    "nbconvert",
)


@dataclass
class Manifest:
    """One cycle's record. `status`: ok, partial (published, but something failed), failed (nothing published), interrupted."""

    cycle: str
    status: CycleStatus
    started: str
    parameters: dict[str, Any]
    window_start: str
    source: dict[str, Any]
    inputs: dict[str, dict[str, Any]]
    notebooks: dict[str, dict[str, Any]]
    versions: dict[str, str]
    commit: str | None
    ended: str | None = None
    seconds: float | None = None
    published: bool = False
    headline: dict[str, Any] = field(default_factory=dict)
    #: What Claude is told that it was not told before (lib.prompt.difference.PromptChange); empty where nothing was recorded.
    prompt_change: dict[str, Any] = field(default_factory=dict)
    prompt_held_since: str = (
        ""  #: since when a person holds the prompt addition that is told; "" if nobody does
    )
    #: Followed questions: name → why it gave nothing, "" where it was asked.
    followed: dict[str, str] = field(default_factory=dict)
    #: Name → path inside the run folder, of the reports that exist.
    reports: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    format: str = _FORMAT

    @property
    def as_of(self) -> str:
        """The instant this cycle knew up to."""
        return str(self.parameters["as_of"])

    def write(self, run_dir: Path) -> None:
        """Replace the manifest in the run folder."""
        replace_json(run_dir / MANIFEST, asdict(self))


_KEYS = tuple(field.name for field in fields(Manifest))


def new_manifest(
    cycle: str, started: str, inputs: Inputs, plan: Sequence[Notebook], settings: Mapping[str, Any]
) -> Manifest:
    """The manifest as a cycle starts: nothing has run. `settings` are the options beside as_of and lookback_hours."""
    return Manifest(
        cycle=cycle,
        status="running",
        started=started,
        parameters={"as_of": inputs.as_of, "lookback_hours": inputs.lookback_hours, **settings},
        window_start=inputs.start,
        source=inputs.source,
        inputs=inputs.files,
        notebooks={
            notebook.name: _entry(notebook.title, NotebookOutcome(notebook.name, "waiting"), None)
            for notebook in plan
        },
        versions=versions(),
        commit=git_commit(),
    )


def notebook_entry(title: str, outcome: NotebookOutcome, source: Path) -> dict[str, Any]:
    """What the manifest says of one notebook's run."""
    return _entry(
        title, outcome, hashlib.sha256(file_bytes(source)).hexdigest() if source.is_file() else None
    )


def _entry(title: str, outcome: NotebookOutcome, sha256: str | None) -> dict[str, Any]:
    return {
        "title": title,
        "status": outcome.status,
        "error": outcome.error,
        "started": outcome.started,
        "seconds": outcome.seconds,
        "attempts": outcome.attempts,
        "sha256": sha256,
    }


def read_manifest(run_dir: Path) -> Manifest | None:
    """The manifest of one cycle; None for one that cannot be read."""
    try:
        content = json.loads(file_text(run_dir / MANIFEST))
        # A later version's keys are passed over; one that this version added has a default.
        manifest = Manifest(**{name: content[name] for name in _KEYS if name in content})
    except (OSError, ValueError, TypeError):
        return None
    manifest.cycle = run_dir.name
    return manifest


def read_manifests(outputs: Path) -> list[Manifest]:
    """All cycles of the folder, newest first; a manifest that cannot be read is left out."""
    return manifests_and_unread(outputs)[0]


def manifests_and_unread(outputs: Path) -> tuple[list[Manifest], list[str]]:
    """The same, and the names of the cycles that were left out."""
    found = {folder.name: read_manifest(folder) for folder in cycle_folders(outputs)}
    return [made for made in found.values() if made], [name for name, made in found.items() if not made]


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that figures depend on; an absent package is left out."""
    found = {"python": platform.python_version(), "platform": f"{platform.system()} {platform.machine()}"}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def git_commit() -> str | None:
    """The checkout's commit, with `+changes` when files differ from it; None outside git."""
    try:
        root = repository_root()
        commit = _git(root, "rev-parse", "HEAD")
        return f"{commit}+changes" if _git(root, "status", "--porcelain", "--untracked-files=no") else commit
    except (OSError, subprocess.SubprocessError, ParameterError):
        return None


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=10, check=True
    )
    return done.stdout.strip()
